"""A bot against the API: book a trade, try again safely, read all trades of a day page by page, and read the report.

VOLTBOOK_API=http://127.0.0.1:8000 VOLTBOOK_USER=trader_1 VOLTBOOK_PASSWORD=trader_1-demo python docs/how-to/bot.py
"""

import os

import requests
from requests.adapters import HTTPAdapter, Retry

API = os.environ["VOLTBOOK_API"]
DAY = "2026-07-02"

# A trade is booked once, so a POST may be sent again whenever it is not known what became of it.
again = Retry(5, backoff_factor=0.5, backoff_jitter=0.5, status_forcelist=[429, 500, 503], allowed_methods=None)
book = requests.Session()
book.auth = (os.environ["VOLTBOOK_USER"], os.environ["VOLTBOOK_PASSWORD"])
book.mount(API, HTTPAdapter(max_retries=again))

trade = {"id": "BOT-1", "price": 5000, "quantity": 10, "direction": "buy", "delivery_day": DAY, "delivery_hour": 13,
         "trader_id": "trader_1", "execution_time": f"{DAY}T08:00:00Z"}  # fmt: skip
answer = book.post(f"{API}/v1/trades", json=trade, timeout=30)
if answer.status_code != requests.codes.ok:  # every problem at once: in the message, or by field
    raise SystemExit(f"{answer.json()['message']} {answer.json().get('problems', '')}")
print(answer.json()["outcome"], *(warning["message"] for warning in answer.json().get("warnings", [])))

page = book.get(f"{API}/v1/trades", params={"delivery_day": DAY, "trader_id": "trader_1", "limit": 100}, timeout=30)
trades = page.json()
while "next" in page.links:
    page = book.get(page.links["next"]["url"], timeout=30)
    trades += page.json()
print(len(trades), "trades")

report = book.get(f"{API}/v1/reports/pnl", params={"start_day": DAY, "trader_id": "trader_1"}, timeout=30).json()
print(report["total"]["pnl_eur"], "EUR,", report["completeness"]["state"])
