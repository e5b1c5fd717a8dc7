// The dashboard: the login, the view in the address, and the controls that the views share.

import { render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Navigation, tradeOf, useAddress, write } from "./address.js";
import { useChanges } from "./changes.js";
import { Actions } from "./actions/host.jsx";
import { closeAction, openAction } from "./actions/open.js";
import { sharedFiles } from "./attention/files.js";
import { Attention } from "./attention/strip.jsx";
import { clientFor } from "./client.js";
import { DayStepper, TraderField } from "./controls.jsx";
import { DayView } from "./day/day.jsx";
import { today, yesterday } from "./days.js";
import { saveCsv } from "./download.js";
import { FilesControls, FilesView } from "./files/files.jsx";
import { arrive, useFocus } from "./focus.js";
import * as format from "./format.js";
import { useKeys } from "./keys.js";
import { Login } from "./login.jsx";
import { PasswordDialog } from "./password.jsx";
import { RangeControls } from "./range/controls.jsx";
import { RangeView } from "./range/range.jsx";
import { IDLE_MINUTES, forget, keep, renew, restore, useIdleLimit } from "./session.js";
import { Shell } from "./shell.jsx";
import { LateFiles } from "./today/late.jsx";
import { TodayView } from "./today/today.jsx";
import { TradesView } from "./trades/trades.jsx";

function App() {
  const [session, setSession] = useState(restore);
  const [message, setMessage] = useState(null);
  const client = useMemo(() => session && clientFor(session.authorization), [session]);
  const signIn = (given) => {
    keep(given);
    arrive();
    setSession(given);
  };
  const signOut = (why = null) => {
    forget();
    setSession(null);
    setMessage(why);
    // The next user begins with their own view. After a refused login the link is kept and opens again.
    if (why === null) history.replaceState(null, "", location.pathname);
    document.title = "Voltbook";
  };
  useIdleLimit(session !== null, () => signOut(`This page was in the background for ${IDLE_MINUTES} minutes. Sign in again.`));
  if (session === null) return <Login message={message} onLogin={signIn} />;
  // The client uses it already, so that the view stays as it is.
  const onChanged = (authorization) => renew({ ...session, authorization });
  return <Book {...{ client, signOut, onChanged }} me={session.me} />;
}

const VIEWS = { today: TodayView, day: DayView, range: RangeView, trades: TradesView, files: FilesView };
// Views that read again as soon as the book changes; the others read too much for that.
const LIVE = new Set(["today", "day"]);

function Book({ client, me, signOut, onChanged }) {
  const [paused, setPaused] = useState(false);
  const [isChanging, setChanging] = useState(false);
  const [place, go] = useAddress({ paused });
  const [live, setLive] = useState(null);
  const isTrader = me.role === "trader";
  const views = ["today", "day", "range", "trades", ...(isTrader ? [] : ["files"])];
  const shown = views.includes(place.view) ? place : { ...place, view: "day" };
  const [known, learn, askTraders] = useTraders(client, shown);
  useEffect(() => history.replaceState({ ...history.state, follows: shown.follows }, "", write(shown)), []);
  useEffect(() => {
    document.title = titleOf(shown);
  }, [shown.view, shown.day, shown.from, shown.trader, shown.start, shown.end, shown.feed]);

  const onReport = (now) => {
    setLive(now);
    const report = Array.isArray(now.value) ? now.value[0] : now.value;
    if (report?.traders) learn(report.traders.map((line) => line.label));
  };
  const onRefused = (refusal) => refusal.status === 401 && signOut("This login is no longer valid. Sign in again.");
  const { subscribe, lost } = useChanges(client, { paused, onRefused });
  const files = useMemo(() => sharedFiles(client), [client]);
  const jump = () => openAction("jump");
  useFocus(shown.view === "files" && shown.file !== null);
  useKeys({ onClose: () => shown.view === "files" && shown.file && go({ file: null }), onJump: jump });
  useTradeDialog(shown, go);
  const View = VIEWS[shown.view];
  return (
    <Navigation.Provider value={{ place: shown, go, views, known, askTraders, mayChoose: !isTrader }}>
      <Shell
        {...{ me, views, paused, setPaused, jump }}
        live={live && { ...live, lost: live.lost ?? lost }}
        place={shown}
        signOut={() => signOut()}
        changePassword={() => setChanging(true)}
        controls={<Controls {...{ client, files, paused, go, isTrader, known, askTraders }} place={shown} />}
        attention={
          <Attention {...{ client, me, files }} isReady={Boolean(live?.at || live?.refusal)} refresh={{ paused, onRefused }}>
            <Actions {...{ client, me, onRefused }} onDone={() => live?.again()} />
          </Attention>
        }
      >
        <View
          key={shown.view}
          {...{ client, me, go, onReport }}
          place={shown}
          mayChoose={!isTrader}
          known={known}
          refresh={{ paused, onRefused, subscribe: LIVE.has(shown.view) ? subscribe : undefined }}
          retreat={<button type="button" onClick={() => go({ trader: null, hour: null, slot: null })}>{isTrader ? "Show my own book" : "Show the whole desk"}</button>}
        />
        {isChanging && <PasswordDialog {...{ client, me, onChanged, onRefused }} onClose={() => setChanging(false)} />}
      </Shell>
    </Navigation.Provider>
  );
}

// A trade that the address names is shown by its history, which "back" closes too.
function useTradeDialog({ view, trade }, go) {
  const asked = view === "trades" ? trade : null;
  useEffect(() => {
    if (asked === null) return undefined;
    const onGone = () => go({ trade: null }, { replace: true });
    openAction("history", { trade: tradeOf(asked), onGone });
    return () => closeAction(onGone);
  }, [asked]);
}

function titleOf({ view, from, day, trader, start, end, feed }) {
  const what = { today: from === null ? "Today" : format.day(from), day: format.day(day), trades: `Trades of ${format.day(day)}`, range: format.days(start, end), files: feed ? `Files of ${feed}` : "Daily files" }[view];
  return `${what}${trader && view !== "files" ? ` · ${trader}` : ""} · Voltbook`;
}

// All traders that the desk's reports have named. The list is loaded when the trader field receives the focus.
function useTraders(client, { view, from, day, start, end }) {
  const [known, setKnown] = useState([]);
  const asked = useRef(new Set());
  const learn = (ids) =>
    setKnown((before) => (ids.every((id) => before.includes(id)) ? before : [...new Set([...before, ...ids])].sort()));
  const ask = async () => {
    const ofDay = { today: from ?? today(), day, trades: day }[view];
    const query = ofDay ? { start_day: ofDay, end_day: ofDay } : { start_day: start, end_day: end };
    const key = JSON.stringify(query);
    if (asked.current.has(key)) return;
    asked.current.add(key);
    try {
      learn((await client.get("v1/reports/pnl", query)).traders.map((line) => line.label));
    } catch {
      asked.current.delete(key); // the view itself shows the error; a name can be typed meanwhile
    }
  };
  return [known, learn, ask];
}

function Controls({ client, files, paused, place, go, isTrader, known, askTraders }) {
  return (
    <>
      {!isTrader && place.view !== "files" && (
        <TraderField trader={place.trader} known={known} onFocus={askTraders} onChange={(trader) => go({ trader, hour: null, slot: null })} />
      )}
      {place.view === "today" && <DayStepper day={place.from ?? today()} name="Today" standard={today()} onChange={(day, options) => go({ from: day === today() ? null : day, slot: null }, options)} />}
      {place.view === "today" && !isTrader && <LateFiles files={files} isPaused={paused} />}
      {["day", "trades"].includes(place.view) && <DayStepper day={place.day} onChange={(day, options) => go({ day, hour: null, follows: day === yesterday() ? day : null }, options)} />}
      {place.view === "range" && <RangeControls {...{ place, go }} />}
      {place.view === "files" && <FilesControls {...{ place, go }} />}
      {["day", "range"].includes(place.view) && <ReportFile {...{ client, place }} />}
    </>
  );
}

// Saves the API's CSV of the report.
function ReportFile({ client, place }) {
  const [message, setMessage] = useState("");
  const [start, end] = place.view === "day" ? [place.day, place.day] : [place.start, place.end];
  const save = async () => {
    setMessage("");
    try {
      const csv = await client.reportAsCsv({ trader_id: place.trader, start_day: start, end_day: end });
      saveCsv(`voltbook_${start}_${end}_${place.trader ?? "desk"}`, csv);
    } catch (error) {
      setMessage(error.message);
    }
  };
  return (
    <div class="export">
      <button type="button" onClick={save}>Report as CSV</button>
      <span role="status">{message}</span>
    </div>
  );
}

render(<App />, document.getElementById("page"));
