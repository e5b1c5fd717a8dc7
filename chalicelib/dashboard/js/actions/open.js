// Opens a dialog of the actions from anywhere on the page, and keeps what was typed into it if the session ends meanwhile.

let host = null; // what is on the page to show dialogs: { show, hide }
let draft = null; // { user, kind, given, values }: in memory alone, and never a password

export function openAction(kind, given = {}) {
  host?.show({ kind, given });
}

// Closes the dialog that was opened with this `onGone`, or one that replaced it; no other, and without calling it.
export function closeAction(onGone) {
  host?.hide(onGone);
}

export function onOpen(listener) {
  host = listener;
  return () => {
    if (host === listener) host = null;
  };
}

// What shows the book reads it again after an action.
const readers = new Set();

export function onChange(read) {
  readers.add(read);
  return () => readers.delete(read);
}

export const changed = () => readers.forEach((read) => read());

export function keepDraft(user, kind, given, values) {
  draft = { user, kind, given, values };
}

export function forgetDraft() {
  draft = null;
}

// Returns what this user had typed when the session ended; another user's is forgotten.
export function draftOf(user) {
  if (draft?.user !== user) draft = null;
  return draft;
}

const BOOKS_FOR_ALL = ["admin", "importer"];

// What a role may do, as the API decides; the page offers nothing else.
export const may = (me) => ({
  book: [...BOOKS_FOR_ALL, "trader"].includes(me.role),
  change: BOOKS_FOR_ALL.includes(me.role),
  manage: me.role === "admin",
});
