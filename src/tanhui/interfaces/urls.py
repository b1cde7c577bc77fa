"""Every address of the platform. No address names a person: `/account` is whoever is signed in."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from .api.root import api
from .public import (
    account,
    certificates,
    desk,
    developers,
    log,
    log_entry,
    log_list,
    methodologies,
    methodology_list,
    notice_feeds,
    notices,
    partner,
    privacy,
    register,
    register_matter,
    register_serial,
    rules,
    session,
    statistics,
    upload,
    verifying,
)

urlpatterns = [
    path("api/v1/docs", developers.api_page, name="api-docs"),
    path("api/v1/", api.urls),
    path("", session.home, name="home"),
    path("sign-in", session.sign_in, name="sign-in"),
    path("sign-in/demo", session.demo_sign_in, name="demo-sign-in"),
    path("sign-out", session.sign_out, name="sign-out"),
    path("language", set_language, name="language"),
    path("account", account.account, name="account"),
    path("account/records", account.records, name="records"),
    path("account/records.csv", account.records_file, name="records-file"),
    path("account/records/<str:result>", account.record, name="record"),
    path("account/privacy", privacy.privacy, name="privacy"),
    path("account/privacy/answer", privacy.answer, name="privacy-answer"),
    path("account/privacy/erasure", privacy.erasure, name="erasure"),
    path("account/privacy/data.zip", privacy.data, name="own-data"),
    path("partners/<slug:code>/batches", partner.batches, name="batches"),
    path("partners/<slug:code>/upload", upload.upload, name="upload"),
    path("partners/<slug:code>/batches/<int:batch>", partner.receipt, name="receipt"),
    path(
        "partners/<slug:code>/batches/<int:batch>/quarantine.csv",
        partner.quarantine_file,
        name="quarantine-file",
    ),
    path("desk", desk.index, name="desk"),
    path("desk/new/<slug:kind>", desk.new, name="desk-new"),
    path("desk/matters/<slug:number>", desk.matter, name="desk-matter"),
    path("desk/matters/<slug:number>/steps/<slug:verb>", desk.step, name="desk-step"),
    path("desk/matters/<slug:number>/documents", desk.paper, name="desk-paper"),
    path("desk/matters/<slug:number>/documents/<int:paper>", desk.document, name="desk-document"),
    path("desk/matters/<slug:number>/comments/<int:comment>", desk.reply, name="desk-reply"),
    path("methodologies", methodology_list.index, name="methodologies"),
    path("methodologies.csv", methodology_list.index_csv, name="methodologies-csv"),
    path("methodologies.json", methodology_list.index_json, name="methodologies-json"),
    path("methodologies/<slug:code>", methodologies.page, name="methodology"),
    path(
        "methodologies/<slug:code>/calculator.json",
        methodologies.calculator_data,
        name="calculator-data",
    ),
    path(
        "methodologies/<slug:code>/quantify.js", methodologies.quantify_script, name="quantify-js"
    ),
    path("rules", rules.index, name="rules"),
    path("rules.csv", rules.index_csv, name="rules-csv"),
    path("rules.json", rules.index_json, name="rules-json"),
    path("rules/diff", rules.diff, name="rules-diff"),
    path("rules/diff.json", rules.diff_json, name="rules-diff-json"),
    path("statistics", statistics.statistics, name="statistics"),
    path("register", register.index, name="register"),
    path("register.csv", register.index_csv, name="register-csv"),
    path("register.json", register.index_json, name="register-json"),
    path("register/matters/<slug:number>", register_matter.page, name="register-matter"),
    path(
        "register/matters/<slug:number>/documents/<int:paper>",
        register_matter.document,
        name="register-document",
    ),
    path(
        "register/matters/<slug:number>/notices/<int:notice>",
        register_matter.comment,
        name="register-comment",
    ),
    path("register/serials/<str:serial>", register_serial.page, name="register-serial"),
    path("notices", notices.index, name="notices"),
    path("notices.atom", notice_feeds.atom, name="notices-atom"),
    path("notices.json", notice_feeds.json_feed, name="notices-json"),
    path("certificates/key", certificates.key, name="certificate-key"),
    path("certificates/<str:token>", certificates.page, name="certificate"),
    path("certificates/<str:token>/<str:name>", certificates.file, name="certificate-file"),
    path("log", log_list.index, name="log"),
    path("log.ndjson", log_list.index_file, name="log-ndjson"),
    path("log/keys", log.keys, name="log-keys"),
    path("log/<int:year>/entries/<int:index>", log_entry.page, name="log-entry"),
    path("log/<int:year>/entries/<int:index>.json", log.entry, name="log-entry-file"),
    path("log/<int:year>/entries/<int:index>.tlog-proof", log.proof, name="log-entry-proof"),
    path("log/<path:path>", log.file, name="log-file"),
    path("log-sm/<path:path>", log.file, {"twin": "-sm"}, name="log-sm-file"),
    path("witness/add-checkpoint", log.add_checkpoint, name="add-checkpoint"),
    path("verify", verifying.verify, name="verify"),
    path("verify/offline", verifying.verify_offline, name="verify-offline"),
]

handler400 = "tanhui.interfaces.public.errors.bad_request"
handler403 = "tanhui.interfaces.public.errors.forbidden"
handler404 = "tanhui.interfaces.public.errors.not_found"
handler500 = "tanhui.interfaces.public.errors.failed"
