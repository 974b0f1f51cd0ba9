import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { WebhookEvent } from "@livekit/protocol";
import { AccessToken } from "livekit-server-sdk";
import type { Clock } from "./clock.ts";

/** A key of a LiveKit server. */
export interface LiveKitKey {
  readonly apiKey: string;
  readonly apiSecret: string;
}

const VALID_SECONDS = 300;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000];
const MAX_AGE_MS = 30_000;

/** Signs a webhook as LiveKit does: the raw token, without `Bearer`, over the SHA-256 of the body. */
async function signWebhook(
  event: WebhookEvent,
  { apiKey, apiSecret }: LiveKitKey,
): Promise<{ method: "POST"; headers: Record<string, string>; body: string }> {
  // LiveKit's JSON has irregular blanks: a receiver must hash what it got, not what it parsed.
  const body = JSON.stringify(event.toJson(), null, 1).replaceAll("\n", "");
  const token = new AccessToken(apiKey, apiSecret, { ttl: VALID_SECONDS });
  token.sha256 = createHash("sha256").update(body).digest("base64");
  const headers = {
    authorization: await token.toJwt(),
    "content-type": "application/webhook+json",
    "user-agent": "LiveKit",
  };
  return { method: "POST", headers, body };
}

/** Sends webhooks: one queue for each room, in which an event waits until the one before it is taken or dropped. */
export interface WebhookSender {
  /** Undefined loses the events. */
  sendTo(url: string | undefined): void;
  notify(event: WebhookEvent): void;
  /** Forgets what is waiting, as a server that dies. */
  forget(): void;
  /** Resolves once no request is under way. A wait for the next attempt does not count. */
  settled(): Promise<void>;
  close(): void;
}

/** Creates a sender. */
export function createWebhookSender(key: LiveKitKey, clock: Clock, url?: string): WebhookSender {
  let queues = new Map<string, Promise<void>>();
  const inFlight = new Set<Promise<unknown>>();
  const closing = new AbortController();

  async function post(url: string, event: WebhookEvent): Promise<Response | null> {
    const request = await signWebhook(event, key);
    const response = await fetch(url, { ...request, redirect: "manual", signal: closing.signal });
    await response.body?.cancel();
    return response;
  }

  async function send(event: WebhookEvent, isForgotten: () => boolean): Promise<void> {
    for (const waitMs of [...RETRY_MS, null]) {
      if (url === undefined || isForgotten()) return;
      const sending = post(url, event).catch(() => null);
      inFlight.add(sending);
      const response = await sending;
      inFlight.delete(sending);
      if (closing.signal.aborted || waitMs === null || !isRetried(response?.status)) return;
      const askedMs = Number(response?.headers.get("retry-after") ?? Number.NaN) * 1_000;
      await new Promise<void>((resolve) => clock.after(Number.isNaN(askedMs) ? waitMs : askedMs, resolve));
    }
  }

  return {
    sendTo(to) {
      url = to;
    },
    notify(event) {
      const room = event.room?.name ?? "";
      const queuedAt = clock.now();
      const current = queues;
      const next = (queues.get(room) ?? Promise.resolve()).then(async () => {
        if (clock.now() - queuedAt <= MAX_AGE_MS) await send(event, () => queues !== current);
      });
      queues.set(room, next);
    },
    forget() {
      queues = new Map();
    },
    async settled() {
      do {
        await Promise.all(inFlight);
        // What continues after a response or a timer gets its turn.
        await setImmediate();
      } while (inFlight.size > 0);
    },
    close: () => closing.abort(),
  };
}

/** What LiveKit's HTTP client sends again: no answer, 429, and 5xx but 501. */
function isRetried(status = 500): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}
