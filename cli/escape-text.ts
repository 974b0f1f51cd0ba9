// Names are written by whoever owns an app registration, answers by whoever runs a server: control characters would
// drive the reader's terminal, and those without width or of another direction would show something else than what is
// there (https://trojansource.codes).
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const ODD_SPACE = /[^\S ]/gu;

/** Someone else's text as one line that can be shown: what cannot be seen stands there as JSON escapes it, `\u202e`. */
export function shown(text: string): string {
  return text.replaceAll(UNSEEN, escaped).replaceAll(ODD_SPACE, escaped);
}

function escaped(character: string): string {
  // By UTF-16 units, as in JSON, so that what is JSON stays the same JSON.
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
