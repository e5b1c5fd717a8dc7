"""The Chalice app: registers every route and function."""

from chalice import Chalice

from chalicelib.access import authorizer
from chalicelib.access import http as access
from chalicelib.access.http import log_request
from chalicelib.changes import http as changes
from chalicelib.dashboard import http as dashboard
from chalicelib.feeds import http as feeds
from chalicelib.fees import http as fees
from chalicelib.imports import http as imports
from chalicelib.prices import http as prices
from chalicelib.reports import http as reports
from chalicelib.trades import http as trades
from chalicelib.web import meta
from chalicelib.web.cross_origin import share_with_origins
from chalicelib.web.responses import require_json, uniform_errors
from functions import check_daily_file, import_daily_file, send_morning_report

app = Chalice(app_name="voltbook", configure_logs=False)  # request_log configures logging
app.register_middleware(log_request, "http")
app.register_middleware(share_with_origins, "http")
app.register_middleware(uniform_errors, "http")
app.register_middleware(require_json, "http")

http_modules = (trades, reports, prices, fees, feeds, imports, access, changes, meta, dashboard)
function_modules = (check_daily_file, import_daily_file, send_morning_report)
for module in (authorizer, *http_modules, *function_modules):
    app.register_blueprint(module.blueprint)
