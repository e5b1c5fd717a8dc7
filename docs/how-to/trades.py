"""Book quarter-hours and a block of a delivery day in one request, and read what is open and what it is worth.

VOLTBOOK_API=http://127.0.0.1:8000 VOLTBOOK_USER=trader_1 VOLTBOOK_PASSWORD=trader_1-demo python docs/how-to/trades.py
"""

import os
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import requests

API = os.environ["VOLTBOOK_API"]
LOGIN = (os.environ["VOLTBOOK_USER"], os.environ["VOLTBOOK_PASSWORD"])
DAY = date(2026, 7, 10)
MIDNIGHT = datetime.combine(DAY, time(), ZoneInfo("Europe/Berlin"))
NEXT_MIDNIGHT = datetime.combine(DAY + timedelta(days=1), time(), ZoneInfo("Europe/Berlin"))  # 23, 24 or 25 hours later


def trade(number: str, direction: str, start: datetime, end: datetime, **terms: object) -> dict[str, object]:
    period = {"delivery_start": start.isoformat(), "delivery_end": end.isoformat()}
    known = {"venue": "epex", "trader_id": LOGIN[0], "strategy": "spread-bot", "execution_time": f"{DAY}T06:00:00Z"}
    return {"id": number, "direction": direction, **period, **known, **terms}


noon = MIDNIGHT.replace(hour=12)
quarter = noon + timedelta(minutes=15)
trades = [
    trade("PY-1", "buy", noon, quarter, quantity_mw="2.5", price_eur_mwh="48.20", area="TTG", venue_revision=1),
    trade("PY-1", "sell", noon, quarter, quantity_mw="2.5", price_eur_mwh="48.20", area="TTG", venue_revision=1),
    trade("PY-2", "buy", MIDNIGHT, NEXT_MIDNIGHT, quantity_mw="0.3", price_eur_mwh="55.00", venue="otc"),
    trade("PY-3", "buy", noon, quarter, quantity_mw="0", price_eur_mwh="1.234"),
]
answer = requests.post(f"{API}/v2/trades", json=trades, auth=LOGIN, timeout=30)
answer.raise_for_status()  # 400 only if the array itself is wrong; each trade has its own result
for stated, result in zip(trades, answer.json()["results"], strict=True):
    problems = [f"{problem['field']} {problem['message']}" for problem in result.get("problems", [])]
    print(stated["id"], stated["direction"], result["outcome"], *problems, sep=" | ")

query = {"day": DAY.isoformat(), "grain": 60, "strategy": "spread-bot"}
slots = requests.get(f"{API}/v2/positions", params=query, auth=LOGIN, timeout=30).json()["slots"]
print(sum(slot["net_mw"] != "0" for slot in slots), "of", len(slots), "hours are open")

query = {"start_day": DAY.isoformat(), "by": "strategy,venue"}
report = requests.get(f"{API}/v2/reports/pnl", params=query, auth=LOGIN, timeout=30).json()
for group in report["groups"]:
    total = group["total"]
    print(total["label"], "cash", total["pnl_eur"], "realised", total["realised_eur"], "open", total["unrealised_eur"])
