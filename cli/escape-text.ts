// Names come from whoever owns an app registration, answers from whoever runs a server. Control characters could drive
// the reader's terminal; invisible and bidirectional ones could make text look different from what it is
// (https://trojansource.codes).
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const UNUSUAL_SPACE = /[^\S ]/gu;

/** Untrusted text as one line that is safe to show: invisible characters are escaped as in JSON, such as `\u202e`. */
export function escapeText(text: string): string {
  return text.replaceAll(INVISIBLE, escapeCharacter).replaceAll(UNUSUAL_SPACE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  // By UTF-16 code units, as in JSON, so that escaped JSON parses to the same value.
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
