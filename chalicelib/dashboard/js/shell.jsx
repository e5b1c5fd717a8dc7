// The frame of every view: navigation, time of the last update, user and sign-out.

import { useEffect } from "preact/hooks";
import * as format from "./format.js";
import { SIDEWAYS, moveAmong, rowKeys } from "./keys.js";
import { Link } from "./link.jsx";
import { Mark } from "./login.jsx";

const JUMP_KEY = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl K";
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

const alongTabs = (event) => moveAmong(event, [...event.currentTarget.querySelectorAll("a")], SIDEWAYS);

// `attention` is what needs a decision, above every view.
export function Shell({ me, views, place, live, paused, setPaused, jump, changePassword, signOut, controls, attention = null, children }) {
  if (place.view === "today" && place.kiosk) return <Wall live={live}>{children}</Wall>;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>Skip to the numbers</a>
      <header class="top">
        <p class="brand"><Mark /> Voltbook</p>
        <nav aria-label="Views" onKeyDown={alongTabs}>
          {views.map((view) => (
            <Link key={view} class="tab" change={{ view }} aria-current={place.view === view ? "page" : undefined}>{NAMES[view]}</Link>
          ))}
        </nav>
        <button type="button" class="jump-button" aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" title={JUMP_KEY} onClick={jump}>
          Jump to…<kbd aria-hidden="true">{JUMP_KEY}</kbd>
        </button>
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
      {live?.at && <p class="printed">{`Voltbook, numbers of ${format.stamp(live.at)} in Berlin${live.lost ? ", without a connection since" : ""}, for ${me.name}`}</p>}
      <main id="main" class={`${place.view}-view`} tabIndex={-1} onKeyDown={rowKeys}>{children}</main>
    </>
  );
}

// The part after the `#` is the view, so the link moves the focus and leaves the address unchanged.
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}
