"""The verbs of one movement as functions of the database; `transfers` and `holds` call them.

books_ensure_month   the partition a day needs, made once under the posting lock
books_act            the journal's row of an act, or the first answer to its key
books_change         one balance, by one guarded statement
books_take_lots      points out of the oldest lots
books_move           one movement: two balances, its lots, its row
books_reserve        a hold; books_release closes it
"""

from django.db import migrations

MONTH = """
CREATE FUNCTION books_ensure_month(p_day date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_name text := 'books_transfer_' || to_char(p_day, 'YYYY_MM');
    v_first date;
BEGIN
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(127961812959234);  -- locks.lock_posting
    IF to_regclass(v_name) IS NOT NULL THEN
        RETURN false;
    END IF;
    v_first := date_trunc('month', p_day);
    EXECUTE format(
        'CREATE TABLE %I (LIKE books_transfer INCLUDING DEFAULTS INCLUDING CONSTRAINTS);'
        'CREATE TRIGGER books_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION books_refuse_change();'
        'ALTER TABLE books_transfer ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        v_name, v_name, v_name, v_first, (v_first + interval '1 month')::date);
    RETURN true;
END $$;
"""

ACT = """
CREATE FUNCTION books_act(
    p_key text, p_verb text, p_actor text, p_at timestamptz, p_hash bytea, p_detail jsonb,
    p_rules text, OUT journal bigint, OUT is_new boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_known books_journal;
BEGIN
    INSERT INTO books_journal (idempotency_key, verb, actor, at, request_hash, detail, rules)
    VALUES (p_key, p_verb, p_actor, p_at, p_hash, p_detail, p_rules)
    ON CONFLICT (idempotency_key) DO NOTHING RETURNING id INTO journal;
    is_new := journal IS NOT NULL;
    IF is_new THEN
        RETURN;
    END IF;
    SELECT * INTO STRICT v_known FROM books_journal WHERE idempotency_key = p_key;
    IF v_known.request_hash <> p_hash OR v_known.verb <> p_verb THEN
        RAISE EXCEPTION '%', p_key USING ERRCODE = 'TH001', CONSTRAINT = 'act.key.reused';
    END IF;
    journal := v_known.id;
END $$;
"""

CHANGE = """
CREATE FUNCTION books_change(p_account bigint, p_debits bigint, p_credits bigint, p_held bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE books_balance SET debits = debits + p_debits, credits = credits + p_credits,
        held = held + p_held
    WHERE account_id = p_account;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', p_account
            USING ERRCODE = 'TH001', CONSTRAINT = 'account.without_balance';
    END IF;
    RETURN true;
END $$;
"""

# Called with the balance's row locked, so nobody else takes from these lots meanwhile. (In all of
# these, `v := f()` instead of PERFORM spares the executor.)
LOTS = """
CREATE FUNCTION books_take_lots(
    p_transfer bigint, p_account bigint, p_amount bigint, p_valid_on date, p_first bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_lot record;
    v_wanted bigint := p_amount;
    v_taken bigint;
BEGIN
    IF p_first = 0 THEN  -- nearly always the oldest lot has enough
        WITH oldest AS (
            SELECT earned_on, journal_id, source_id FROM books_lot
            WHERE account_id = p_account AND "left" > 0
              AND expires_on > coalesce(p_valid_on, '-infinity')
            ORDER BY earned_on, journal_id, source_id LIMIT 1
        ), taken AS (
            UPDATE books_lot l SET "left" = l."left" - p_amount FROM oldest o
            WHERE l.account_id = p_account AND l.earned_on = o.earned_on
              AND l.journal_id = o.journal_id AND l.source_id = o.source_id
              AND l."left" >= p_amount
            RETURNING l.journal_id, l.earned_on, l.source_id, l.expires_on
        )
        INSERT INTO books_lotuse
            (transfer, lot_journal_id, earned_on, source_id, expires_on, amount)
        SELECT p_transfer, journal_id, earned_on, source_id, expires_on, p_amount FROM taken;
        IF FOUND THEN
            RETURN true;
        END IF;
    END IF;
    FOR v_lot IN
        SELECT journal_id, earned_on, expires_on, source_id, "left" FROM books_lot
        WHERE account_id = p_account AND "left" > 0
          AND (p_valid_on IS NULL OR expires_on > p_valid_on)
        ORDER BY journal_id <> p_first, earned_on, journal_id, source_id
    LOOP
        v_taken := least(v_lot."left", v_wanted);
        UPDATE books_lot SET "left" = "left" - v_taken
        WHERE account_id = p_account AND earned_on = v_lot.earned_on
          AND journal_id = v_lot.journal_id AND source_id = v_lot.source_id;
        INSERT INTO books_lotuse
            (transfer, lot_journal_id, earned_on, source_id, expires_on, amount)
        VALUES (p_transfer, v_lot.journal_id, v_lot.earned_on, v_lot.source_id,
            v_lot.expires_on, v_taken);
        v_wanted := v_wanted - v_taken;
        EXIT WHEN v_wanted = 0;
    END LOOP;
    IF v_wanted > 0 THEN
        RAISE EXCEPTION '%', v_wanted USING ERRCODE = 'TH001', CONSTRAINT = 'points.lapsed';
    END IF;
    RETURN true;
END $$;
"""

MOVE = """
CREATE FUNCTION books_move(
    p_id bigint, p_debit bigint, p_credit bigint, p_amount bigint, p_day date, p_code text,
    p_origin bigint, p_expires date)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v record;
    v_done boolean;
BEGIN
    SELECT d.asset_id, d.asset_id = c.asset_id AS is_one, s.unit = 'points' AS has_lots,
           d.owner_kind <> 'system' AS gives, c.owner_kind <> 'system' AS receives
    INTO v FROM books_account d, books_account c, books_asset s
    WHERE d.id = p_debit AND c.id = p_credit AND s.id = d.asset_id;
    IF v.is_one IS NOT TRUE THEN
        RAISE EXCEPTION '% %', p_debit, p_credit
            USING ERRCODE = 'TH001', CONSTRAINT = 'transfer.assets_differ';
    END IF;
    IF v.has_lots AND v.gives AND v.receives THEN
        RAISE EXCEPTION '%', p_debit
            USING ERRCODE = 'TH001', CONSTRAINT = 'points.not_transferable';
    END IF;
    IF v.receives AND (p_credit < p_debit OR NOT v.gives) THEN
        v_done := books_change(p_credit, 0, p_amount, 0);
    END IF;
    IF v.gives THEN
        v_done := books_change(p_debit, p_amount, 0, 0);
    END IF;
    IF v.receives AND v.gives AND p_debit < p_credit THEN
        v_done := books_change(p_credit, 0, p_amount, 0);
    END IF;
    IF v.has_lots AND v.gives THEN
        v_done := books_take_lots(p_id, p_debit, p_amount,
            CASE p_code WHEN 'move' THEN p_day END, coalesce(p_origin >> 32, 0));
    ELSIF v.has_lots AND v.receives AND p_code = 'undo' THEN
        INSERT INTO books_lot
            (account_id, source_id, journal_id, earned_on, expires_on, amount, "left")
        SELECT p_credit, p_debit, p_id >> 32, earned_on, min(expires_on), sum(amount), sum(amount)
        FROM books_lotuse WHERE transfer = p_origin GROUP BY earned_on
        ON CONFLICT (account_id, earned_on, journal_id, source_id) DO UPDATE
        SET amount = books_lot.amount + EXCLUDED.amount,
            "left" = books_lot."left" + EXCLUDED."left";
    ELSIF v.has_lots AND v.receives THEN
        IF p_expires IS NULL THEN
            RAISE EXCEPTION '%', p_credit
                USING ERRCODE = 'TH001', CONSTRAINT = 'points.without_expiry';
        END IF;
        INSERT INTO books_lot
            (account_id, source_id, journal_id, earned_on, expires_on, amount, "left")
        VALUES (p_credit, p_debit, p_id >> 32, p_day, p_expires, p_amount, p_amount)
        ON CONFLICT (account_id, earned_on, journal_id, source_id) DO UPDATE
        SET amount = books_lot.amount + EXCLUDED.amount,
            "left" = books_lot."left" + EXCLUDED."left";
    END IF;
    INSERT INTO books_transfer (id, journal_id, debit_account_id, credit_account_id, amount,
        origin, asset_id, effective_day, n_events, code)
    VALUES (p_id, p_id >> 32, p_debit, p_credit, p_amount, p_origin, v.asset_id, p_day, 0,
        CASE WHEN p_code = 'move' AND NOT v.receives THEN 'spend' ELSE p_code END);
END $$;
"""

# Points that have lapsed but are not yet taken cannot be held: only what a hold kept stays.
HOLD = """
CREATE FUNCTION books_reserve(
    p_id bigint, p_account bigint, p_amount bigint, p_expires_at timestamptz, p_day date)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_has_lots boolean;
    v_short bigint;
BEGIN
    PERFORM books_change(p_account, 0, 0, p_amount);
    SELECT s.unit = 'points' INTO v_has_lots
    FROM books_account a JOIN books_asset s ON s.id = a.asset_id WHERE a.id = p_account;
    IF v_has_lots THEN
        SELECT b.held + greatest(0, l.lapsed - (b.held - p_amount)) - (b.credits - b.debits)
        INTO v_short FROM books_balance b, (
            SELECT coalesce(sum("left"), 0) AS lapsed FROM books_lot
            WHERE account_id = p_account AND "left" > 0 AND expires_on <= p_day) l
        WHERE b.account_id = p_account;
        IF v_short > 0 THEN
            RAISE EXCEPTION '%', v_short USING ERRCODE = 'TH001', CONSTRAINT = 'points.lapsed';
        END IF;
    END IF;
    INSERT INTO books_hold (id, journal_id, account_id, amount, expires_at, state)
    VALUES (p_id, p_id >> 32, p_account, p_amount, p_expires_at, 'open');
END $$;

CREATE FUNCTION books_release(
    p_hold bigint, p_state text, p_posted bigint, p_journal bigint, p_at timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_hold books_hold;
BEGIN
    SELECT * INTO v_hold FROM books_hold WHERE id = p_hold FOR NO KEY UPDATE;
    IF v_hold.state IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION '% %', p_hold, coalesce(v_hold.state, 'unknown')
            USING ERRCODE = 'TH001', CONSTRAINT = 'hold.not_open';
    END IF;
    IF p_state = 'posted' AND v_hold.expires_at <= p_at THEN
        RAISE EXCEPTION '% expired', p_hold
            USING ERRCODE = 'TH001', CONSTRAINT = 'hold.not_open';
    END IF;
    IF p_posted > v_hold.amount THEN
        RAISE EXCEPTION '% %', v_hold.amount, p_posted
            USING ERRCODE = 'TH001', CONSTRAINT = 'hold.too_small';
    END IF;
    UPDATE books_hold SET state = p_state, posted = p_posted, closed_by_id = p_journal
    WHERE id = p_hold;
    PERFORM books_change(v_hold.account_id, 0, 0, -v_hold.amount);
    RETURN v_hold.account_id;
END $$;
"""

UNDO = """
DROP FUNCTION books_release, books_reserve, books_move, books_take_lots, books_change, books_act,
    books_ensure_month;
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0007_moves")]

    operations = [migrations.RunSQL(MONTH + ACT + CHANGE + LOTS + MOVE + HOLD, UNDO)]
