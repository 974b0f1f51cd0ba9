/** @typedef {{ status: number, code?: string | undefined, body?: any }} Answer */

/**
 * Sends a POST if there is a body, and a GET otherwise.
 * @param {string} url
 * @param {Record<string, string>} [headers]
 * @param {object} [body]
 * @returns {Promise<Answer>} status 0 without an answer
 */
export async function request(url, headers, body) {
  const post = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  };
  // A redirect would take the function key or the token to another server.
  const options = { signal: AbortSignal.timeout(30_000), redirect: /** @type {const} */ ("manual") };
  try {
    const response = await fetch(url, { ...options, ...(body ? post : { headers: headers ?? {} }) });
    const text = await response.text();
    const answer = text.startsWith("{") ? JSON.parse(text) : undefined;
    return { status: response.status, code: codeOf(answer), body: answer };
  } catch (error) {
    return { status: 0, code: error instanceof Error ? printable(error.cause ?? error.message) : "" };
  }
}

/**
 * The code of an answer, or what can be said of one that is none of LKPS's: a server must not write to the terminal.
 * @param {any} answer
 */
export function codeOf(answer) {
  const code = answer?.code;
  if (code === undefined) return undefined;
  return typeof code === "string" && /^[a-z_]{1,64}$/.test(code) ? code : "(not a code of LKPS)";
}

/**
 * Text of a program or server in one line, without control characters.
 * @param {unknown} text
 */
export function printable(text) {
  return String(text)
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ")
    .slice(0, 500)
    .trim();
}

/**
 * The address of a service, without a slash at the end; ends the program if a secret should not go there.
 * @param {string} name of the environment variable
 * @returns {string}
 */
export function addressFrom(name) {
  const given = process.env[name]?.replace(/\/$/, "") ?? "";
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isLoopback = url !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback)) return given;
  console.error(
    given === ""
      ? `${name} is not set. In an azd environment, run: azd hooks run postdeploy`
      : `${name} must begin with https://, because a key or a token is sent there.`,
  );
  return process.exit(2);
}

/**
 * The application that a token was issued to. If LKPS checks both, the header must name the same application.
 * @param {string | undefined} jwt
 * @returns {string | undefined}
 */
export function applicationOf(jwt) {
  const payload = jwt?.split(".")[1];
  if (payload === undefined) return undefined;
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  return claims.azp ?? claims.appid;
}
