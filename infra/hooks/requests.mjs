/** @typedef {{ status: number, code?: string, body?: any }} Answer */

/**
 * Sends a POST if there is a body, and a GET otherwise.
 * @param {string} url
 * @param {Record<string, string>} [headers]
 * @param {object} [body]
 * @returns {Promise<Answer>} status 0 without an answer
 */
export async function request(url, headers, body) {
  const signal = AbortSignal.timeout(30_000);
  const post = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  };
  try {
    const response = await fetch(url, { signal, ...(body && post) });
    const text = await response.text();
    const answer = text.startsWith("{") ? JSON.parse(text) : undefined;
    return { status: response.status, code: answer?.code, body: answer };
  } catch (error) {
    return { status: 0, code: error instanceof Error ? String(error.cause ?? error.message) : "" };
  }
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
