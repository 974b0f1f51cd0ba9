/** How the gateway reaches the app. */
export interface AppAddress {
  readonly url: string;
  readonly functionKey: string;
}

/** Sends a request like the gateway does for a caller. Returns the status, code, and body of the answer. */
export async function sendAsGateway(app: AppAddress, caller: string, path: string, body: string) {
  const headers = {
    "x-functions-key": app.functionKey,
    "client-id": caller,
    "content-type": "application/json",
  };
  try {
    const response = await fetch(`${app.url}${path}`, { method: "POST", headers, body });
    const json = JSON.parse(await response.text());
    return { said: `${response.status} ${json.code ?? ""}`.trim(), json };
  } catch {
    return { said: "no answer", json: {} };
  }
}
