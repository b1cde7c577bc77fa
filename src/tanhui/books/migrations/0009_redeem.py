"""Redeem an item as one function of the database: one round trip, all of it or nothing.

Journal, points out of the oldest lots to the system account `redeemed`, a hold on the partner's
stock of the item. The system account has no stored balance, so no row is hot. Plans are generic,
here and in what it calls: planning each statement anew took longer than the statements.
"""

from django.db import migrations

REDEEM = """
CREATE FUNCTION books_redeem(
    p_key text, p_actor text, p_at timestamptz, p_hash bytea, p_detail jsonb, p_rules text,
    p_person bigint, p_asset text, p_points bigint,
    p_partner bigint, p_item text, p_pieces bigint, p_day date,
    OUT journal bigint, OUT is_new boolean)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_act record := books_act(
        p_key, 'books.item.redeemed', p_actor, p_at, p_hash, p_detail, p_rules);
    v record;
    v_done boolean;
BEGIN
    journal := v_act.journal;
    is_new := v_act.is_new;
    IF NOT is_new THEN
        RETURN;
    END IF;
    v_done := books_ensure_month(p_day);
    SELECT a.id AS payer, k.id AS sink, h.id AS stock, s.id AS asset INTO v
    FROM books_asset s
    JOIN books_account k ON k.owner_id = 0 AND k.asset_id = s.id AND k.owner_kind = 'system'
        AND k.role = 'redeemed'
    JOIN books_asset i ON i.code = p_item
    JOIN books_account h ON h.owner_id = p_partner AND h.asset_id = i.id
        AND h.owner_kind = 'partner' AND h.role = 'holder'
    LEFT JOIN books_account a ON a.owner_id = p_person AND a.asset_id = s.id
        AND a.owner_kind = 'person' AND a.role = 'holder'
    WHERE s.code = p_asset;
    IF NOT FOUND THEN
        RAISE EXCEPTION '%', p_item USING ERRCODE = 'TH001', CONSTRAINT = 'item.unknown';
    END IF;
    IF v.payer IS NULL THEN
        RAISE EXCEPTION 'nothing was ever earned'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'books_balance_floor';
    END IF;
    IF v.stock < v.payer THEN
        v_done := books_change(v.stock, 0, 0, p_pieces);
    END IF;
    v_done := books_change(v.payer, p_points, 0, 0);
    v_done := books_take_lots(journal << 32, v.payer, p_points, p_day, 0);
    IF v.stock > v.payer THEN
        v_done := books_change(v.stock, 0, 0, p_pieces);
    END IF;
    INSERT INTO books_transfer (id, journal_id, debit_account_id, credit_account_id, amount,
        asset_id, effective_day, n_events, code)
    VALUES (journal << 32, journal, v.payer, v.sink, p_points, v.asset, p_day, 0, 'spend');
    INSERT INTO books_hold (id, journal_id, account_id, amount, state)
    VALUES (journal << 32, journal, v.stock, p_pieces, 'open');
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("books", "0008_movement_functions")]

    operations = [migrations.RunSQL(REDEEM, "DROP FUNCTION books_redeem")]
