import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  request as sendOn,
} from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../../dev/listen.ts";

/** A request on its way from the app to what it depends on. */
interface Passing {
  readonly method: string;
  /** Path and query, percent-encoding resolved. */
  readonly path: string;
  readonly body: string;
}

interface RealAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * What happens to a request instead of being forwarded. It may get the real answer all the same, once: then the
 * request has had its effect.
 */
export type Fault = (response: ServerResponse, realAnswer: () => Promise<RealAnswer>) => unknown;

/** A fault in force. */
export interface Failing {
  /** How many requests met it. */
  readonly hits: number;
  end(): void;
}

/** Requests that wait. */
interface Held extends Failing {
  /** Resolves once one of them is there. */
  arrived(): Promise<void>;
  /** Releases them, and waits until they have had their effect. */
  release(): Promise<void>;
}

/** A proxy to a server on this machine that can be made to fail. */
export interface FaultProxy {
  readonly url: string;
  readonly port: number;
  /** Where requests go to. `rewrite` changes the path and query on the way. */
  forwardTo(port: number, rewrite?: (path: string) => string): void;
  /** Applies `fault` to requests of that kind from now on; of several matching faults, the newest applies. */
  fail(kind: (passing: Passing) => boolean, fault: Fault): Failing;
  /** Holds requests of that kind until they are released; their clients may be gone by then. */
  hold(kind: (passing: Passing) => boolean): Held;
  /** Listens no longer while `work` runs: connections are refused. */
  whileRefusing<T>(work: () => Promise<T>): Promise<T>;
  /** How many requests came, failed ones included. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Starts the proxy on 127.0.0.1. It forwards nothing before it knows where to. */
export async function startFaultProxy(): Promise<FaultProxy> {
  const faults: { kind: (passing: Passing) => boolean; fault: Fault; hits: number }[] = [];
  let target = { port: 0, rewrite: (path: string) => path };
  let requests = 0;
  const server = createServer({ keepAliveTimeout: 75_000 }, async (request, response) => {
    requests++;
    try {
      const body = await buffer(request);
      const realAnswer = () => pass(request, body, target.port, target.rewrite(request.url ?? "/"));
      const passing = {
        method: request.method ?? "",
        path: decodeURIComponent(request.url ?? "/"),
        body: body.toString(),
      };
      const met = faults.findLast(({ kind }) => kind(passing));
      if (met === undefined) return reply(response, await realAnswer());
      met.hits++;
      await met.fault(response, realAnswer);
    } catch {
      // If one side disconnects, the other must notice.
      response.destroy();
    }
  });
  let { url, port } = await listen(server, 0);
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const fail: FaultProxy["fail"] = (kind, fault) => {
    const rule = { kind, fault, hits: 0 };
    faults.push(rule);
    return {
      get hits() {
        return rule.hits;
      },
      end: () => void faults.splice(faults.indexOf(rule), 1),
    };
  };
  return {
    url,
    port,
    forwardTo: (to, rewrite = (path) => path) => {
      target = { port: to, rewrite };
    },
    fail,
    hold: (kind) => {
      const released = Promise.withResolvers<void>();
      let carriedOut = 0;
      const failing = fail(kind, async (response, realAnswer) => {
        await released.promise;
        const real = await realAnswer();
        if (!response.destroyed) reply(response, real);
        carriedOut++;
      });
      return Object.assign(failing, {
        arrived: async () => {
          while (failing.hits === 0) await sleep(5);
        },
        release: async () => {
          failing.end();
          released.resolve();
          while (carriedOut < failing.hits) await sleep(5);
        },
      });
    },
    whileRefusing: async (work) => {
      await stop();
      try {
        return await work();
      } finally {
        ({ url, port } = await listen(server, port));
      }
    },
    get requests() {
      return requests;
    },
    close: stop,
  };
}

function pass(request: IncomingMessage, body: Buffer, port: number, path: string): Promise<RealAnswer> {
  return new Promise((resolve, reject) => {
    const { connection: _, ...headers } = request.headers;
    // A new connection each time: reusing one that was just closed would be an unintended fault.
    const onward = sendOn(
      { host: "127.0.0.1", port, path, method: request.method, headers, agent: false },
      async (answer) => {
        try {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) });
        } catch (error) {
          reject(error);
        }
      },
    );
    onward.on("error", reject);
    onward.end(body);
  });
}

function reply(response: ServerResponse, { status, headers, body }: RealAnswer): void {
  const { "transfer-encoding": _, connection: __, ...kept } = headers;
  response.writeHead(status, { ...kept, ...(status !== 204 && { "content-length": body.byteLength }) });
  response.end(body);
}

/** Takes the request and breaks the connection. */
export const reset: Fault = (response) => response.socket?.resetAndDestroy();

/** Does what was asked, and breaks the connection before the answer. */
export const lostAnswer: Fault = async (response, realAnswer) => {
  await realAnswer();
  response.socket?.resetAndDestroy();
};

/** Takes the request and never answers. */
export const hang: Fault = () => {};

/** Answers the status and headers, and nothing after that. */
export const hangAfterHeaders: Fault = async (response, realAnswer) => {
  const { status, headers, body } = await realAnswer();
  response.writeHead(status, { ...contentTypeOf(headers), "content-length": body.byteLength + 1 });
  response.flushHeaders();
};

/** Answers half of what it announced, and nothing after that. */
export const hangMidway: Fault = async (response, realAnswer) => {
  const { status, headers, body } = await realAnswer();
  response.writeHead(status, { ...contentTypeOf(headers), "content-length": body.byteLength + 1 });
  response.write(body.subarray(0, body.byteLength / 2));
};

/** Announces the real answer and ends the connection in the middle of it. */
export const halfAnAnswer: Fault = async (response, realAnswer) => {
  const { status, headers, body } = await realAnswer();
  response.writeHead(status, { ...contentTypeOf(headers), "content-length": body.byteLength + 1 });
  response.write(body.subarray(0, body.byteLength / 2), () => response.destroy());
};

/** Ends in the middle of the real answer as if it were complete: only the JSON shows it. */
export const halfAnAnswerUnnoticed: Fault = async (response, realAnswer) => {
  const { status, headers, body } = await realAnswer();
  response.writeHead(status, { ...contentTypeOf(headers), connection: "close" });
  response.end(body.subarray(0, body.byteLength / 2));
};

/** Answers this, a `body` other than text as JSON. */
export function answer(status: number, body: unknown = "", headers: Record<string, string> = {}): Fault {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (response) => {
    const type = typeof body === "string" ? "text/plain" : "application/json";
    const length = status === 204 || status === 304 ? {} : { "content-length": Buffer.byteLength(text) };
    response.writeHead(status, { "content-type": type, ...length, ...headers });
    response.end(text);
  };
}

/** Answers the real answer, its JSON changed. */
export function changed(change: (body: unknown) => unknown): Fault {
  return async (response, realAnswer) => {
    const { status, body } = await realAnswer();
    await answer(status, change(JSON.parse(body.toString())))(response, realAnswer);
  };
}

/** The first `times` requests meet `fault`, the others get the real answer. */
export function onlyTheFirst(times: number, fault: Fault): Fault {
  let met = 0;
  return async (response, realAnswer) => {
    if (met++ < times) await fault(response, realAnswer);
    else reply(response, await realAnswer());
  };
}

function contentTypeOf(headers: IncomingHttpHeaders): Record<string, string> {
  return { "content-type": headers["content-type"] ?? "text/plain" };
}
