"""The Chalice app: every route and function, registered; nothing else happens here."""

from chalice import Chalice

from chalicelib.api import auth, dashboard, files, history, me, pages, prices, reports, trades
from chalicelib.api.http import json_bodies, one_error_shape
from chalicelib.api.request_line import one_line
from functions import check_daily_file, import_daily_file, send_morning_report

app = Chalice(app_name="voltbook", configure_logs=False)  # its logger is the journal's
app.register_middleware(one_line, "http")
app.register_middleware(one_error_shape, "http")
app.register_middleware(json_bodies, "http")

called = (check_daily_file, import_daily_file, send_morning_report)
for module in (auth, trades, history, reports, prices, files, me, pages, dashboard, *called):
    app.register_blueprint(module.blueprint)
