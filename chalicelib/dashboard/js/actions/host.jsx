// The buttons of the actions and the dialog that is open. The dialogs are loaded with the first one that is opened.

import { useEffect, useRef, useState } from "preact/hooks";
import { changed, draftOf, forgetDraft, keepDraft, may, onOpen, openAction } from "./open.js";

let library = null;
const dialogs = () => (library ??= import("./dialogs.jsx"));

export function Actions({ client, me, onDone, onRefused }) {
  const [open, setOpen] = useState(() => draftOf(me.name));
  const [loaded, setLoaded] = useState(null);
  const [message, setMessage] = useState(null);
  useEffect(() => {
    if (open === null) return;
    setMessage(null);
    dialogs().then(
      ({ DIALOGS }) => setLoaded(DIALOGS),
      () => {
        library = null;
        setOpen(null);
        setMessage("This part of the page could not be loaded. Try again, or reload the page.");
      },
    );
  }, [open]);
  // A dialog may have replaced another; the focus goes back to where the first one was opened.
  const opener = useRef(null);
  const onGone = useRef(null);
  // A dialog tells that it was closed only after the next one may have been opened: that one stays, in an element of its own.
  const latest = useRef(open);
  const opened = useRef(0);
  const leave = () => {
    const left = onGone.current;
    onGone.current = null;
    left?.();
  };
  const show = (action) => {
    latest.current = action;
    if (document.querySelector("dialog[open]") === null) {
      opened.current += 1;
      leave();
    }
    onGone.current = action.given.onGone ?? onGone.current;
    if (!document.activeElement.closest("dialog")) opener.current = document.activeElement;
    setOpen(action);
  };
  const hide = (given) => {
    if (onGone.current !== given) return;
    onGone.current = null;
    document.querySelector("dialog[open]")?.close();
  };
  useEffect(() => onOpen({ show, hide }), []);
  const close = () => {
    if (latest.current !== open) return;
    forgetDraft();
    opener.current?.focus();
    setOpen(null);
    leave();
  };
  // What is behind the dialog may be what the API refused: it is older than the book.
  const reread = () => [onDone(), changed()];
  const Dialog = open && loaded?.[open.kind];
  const allowed = may(me);
  const isDragging = useDrop(allowed.change);
  return (
    <div class="tools">
      {isDragging && <span class="drop-hint">Drop the file to try it</span>}
      {message && <span role="alert">{message}</span>}
      {allowed.book && <Opener kind="book">Book a trade</Opener>}
      {allowed.change && <Opener kind="importFile">Import a file</Opener>}
      {allowed.manage && <Opener kind="users">Users</Opener>}
      {Dialog && (
        <Dialog
          key={opened.current}
          {...{ client, me }}
          onDone={reread}
          onRefused={(refusal) => (refusal.status === 401 ? onRefused(refusal) : reread())}
          {...open.given}
          initial={open.values ?? {}}
          keep={(values) => keepDraft(me.name, open.kind, open.given, values)}
          onClose={close}
        />
      )}
    </div>
  );
}

// A file that is dropped anywhere on the page is tried. Beside another dialog it is ignored, so that nothing typed is lost.
function useDrop(isAllowed) {
  const [isDragging, setDragging] = useState(false);
  useEffect(() => {
    if (!isAllowed) return undefined;
    const isFile = (event) => event.dataTransfer?.types.includes("Files");
    const over = (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      setDragging(true);
    };
    const left = (event) => event.relatedTarget === null && setDragging(false);
    const dropped = (event) => {
      if (!isFile(event)) return;
      event.preventDefault();
      setDragging(false);
      const [file] = event.dataTransfer.files;
      const dialog = document.querySelector("dialog[open]");
      if (file && (dialog === null || dialog.querySelector("#field-file"))) openAction("importFile", { file });
    };
    const listeners = { dragover: over, dragleave: left, drop: dropped };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, [isAllowed]);
  return isDragging;
}

function Opener({ kind, children }) {
  return <button type="button" aria-haspopup="dialog" onClick={() => openAction(kind)}>{children}</button>;
}
