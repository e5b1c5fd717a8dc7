// The frame of every view: navigation, time of the last update, user and sign-out.

import { useEffect } from "preact/hooks";
import { write } from "./address.js";
import * as format from "./format.js";
import { Mark } from "./login.jsx";

const NAMES = { today: "Today", day: "Day", range: "Range", trades: "Trades", files: "Files" };

function textOf(live, paused) {
  if (live?.lost) return live.lost.isSilent ? "No answer" : "Connection lost";
  if (live?.refusal) return "Nothing to show";
  return live?.at ? `${paused ? "Paused at" : "Updated"} ${format.timeOfDay(live.at)}` : "Reading…";
}

function Freshness({ live, paused, setPaused }) {
  const text = textOf(live, paused);
  const state = live?.lost ? (live.lost.isSilent ? "silent" : "lost") : paused ? "paused" : "";
  return (
    <div class="freshness">
      <span class={`pulse ${state}`} aria-hidden="true" />
      <span class="updated">{text}</span>
      {setPaused && (
        <>
          <button type="button" class="quiet" onClick={() => live?.again()} aria-label="Refresh now">↻</button>
          <button type="button" class="quiet" aria-pressed={paused} onClick={() => setPaused(!paused)} title="The numbers are read again when the book changes, and every minute">
            {paused ? "Resume" : "Pause"}
          </button>
        </>
      )}
    </div>
  );
}

// A screen on the wall: larger letters, and nothing to press.
function Wall({ live, children }) {
  useEffect(() => {
    document.documentElement.classList.add("wall");
    return () => document.documentElement.classList.remove("wall");
  }, []);
  return (
    <main id="main" class="today-view">
      {children}
      <footer class="wall-foot"><Freshness live={live} paused={false} /></footer>
    </main>
  );
}

// A plain click stays in the page and keeps what a view follows; any other opens the link as the browser does.
function Tab({ view, place, go }) {
  const clicked = (event) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go({ view });
  };
  return (
    <a class="tab" href={write({ ...place, view })} aria-current={place.view === view ? "page" : undefined} onClick={clicked}>
      {NAMES[view]}
    </a>
  );
}

// `attention` is what needs a decision, above every view.
export function Shell({ me, views, place, go, live, paused, setPaused, changePassword, signOut, controls, attention = null, children }) {
  if (place.view === "today" && place.kiosk) return <Wall live={live}>{children}</Wall>;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>Skip to the numbers</a>
      <header class="top">
        <p class="brand"><Mark /> Voltbook</p>
        <nav aria-label="Views">
          {views.map((view) => (
            <Tab key={view} {...{ view, place, go }} />
          ))}
        </nav>
        <Freshness {...{ live, paused, setPaused }} />
        <div class="who">
          <span class="name" title={`${me.name}, ${me.role}`}>{me.name}</span>
          <span class="role">{me.role}</span>
          <a href="docs">API</a>
          <button type="button" class="quiet" aria-haspopup="dialog" onClick={changePassword}>Change password</button>
          <button type="button" class="quiet" onClick={signOut}>Sign out</button>
        </div>
      </header>
      <section class="controls" aria-label="What is shown">{controls}</section>
      {attention}
      <main id="main" class={`${place.view}-view`} tabIndex={-1}>{children}</main>
    </>
  );
}

// The part after the `#` is the view, so the link moves the focus and leaves the address unchanged.
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}
