import { setTimeout as sleep } from "node:timers/promises";

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

/**
 * Starts `work` at a fixed rate, without waiting for earlier runs. So a stall delays all runs that are due in it.
 *
 * @param work - gets the time at which it was due, on the clock of `performance.now()`
 */
export async function atRate<T>(
  perSecond: number,
  seconds: number,
  work: (dueAt: number) => Promise<T>,
): Promise<T[]> {
  const startedAt = performance.now();
  const begun: Promise<T>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const dueAt = startedAt + (n * 1_000) / perSecond;
    await sleep(Math.max(0, dueAt - performance.now()));
    begun.push(work(dueAt));
  }
  return await Promise.all(begun);
}
