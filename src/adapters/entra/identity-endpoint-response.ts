/** Whether the response holds a well-formed token that has not expired. */
export function holdsValidToken(body: string | null | undefined, now: Date): boolean {
  try {
    const { access_token: token, expires_on: expiresOn } = JSON.parse(body ?? "");
    // Unix seconds, or a date in older versions of the endpoint.
    const expiresAt = Number(expiresOn) * 1_000 || Date.parse(expiresOn);
    return typeof token === "string" && /^[\x21-\x7e]+$/.test(token) && expiresAt > now.getTime();
  } catch {
    return false;
  }
}

// The header that the app authenticates with is a GUID, and a token is longer. The ids in the message are lost, too.
// Microsoft's own host names, which help the operator, have no digit.
const POSSIBLE_SECRET = /(?=[\w+/=.~-]*\d)[\w+/=.~-]{20,}|[\w+/=.~-]{37,}/g;

/** The platform's error message, if there is one, without anything that may be a key or token. */
export function errorMessageIn(body: string | null | undefined): string {
  try {
    const { error, error_description, message } = JSON.parse(body ?? "");
    const words = message ?? error_description ?? error?.message ?? error;
    return typeof words === "string" ? `: ${words.replace(POSSIBLE_SECRET, "…").slice(0, 300)}` : "";
  } catch {
    return "";
  }
}
