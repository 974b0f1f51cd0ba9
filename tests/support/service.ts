import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Stack, type StackOptions, startStack } from "../../dev/stack.ts";

/** An answer of the service, its body parsed if it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

interface CallOptions {
  /** The client id that the gateway would have set. */
  readonly caller?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON, unless it is text or bytes already. */
  readonly body?: unknown;
}

/** The whole service on real parts: the built app, Azurite, the Entra stand-in, the gateway stand-in. */
export interface Service {
  readonly stack: Stack;
  /** Every line that the app logged so far. */
  readonly lines: string[];
  /** Calls the app as the gateway does: with its key, and the caller's id in `client-id`. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Replaces the directory of app registrations. */
  setDirectory(applications: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts the service on free ports, with data of its own. */
export async function startService(
  options: Partial<StackOptions> & { readonly applications?: readonly unknown[] } = {},
): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), "lkps-test-"));
  const directoryFile = join(folder, "directory.json");
  const { applications, ...stackOptions } = options;
  const setDirectory = (value: readonly unknown[]) => writeFile(directoryFile, JSON.stringify({ value }));
  if (applications !== undefined) await setDirectory(applications);
  const lines: string[] = [];
  const stack = await startStack({
    dataDirectory: join(folder, "data"),
    ...(applications !== undefined && { directoryFile }),
    onAppLine: (line) => lines.push(line),
    onExit: (name, exit) => lines.push(`${name} ended: ${JSON.stringify(exit)}`),
    ...stackOptions,
  });
  return {
    stack,
    lines,
    setDirectory,
    call: (method, path, { caller, headers, body } = {}) =>
      send(`${stack.appUrl}${path}`, method, body, {
        "x-functions-key": stack.functionKey,
        ...(caller !== undefined && { "client-id": caller }),
        ...headers,
      }),
    close: async () => {
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends one request. JSON gets its content type unless `headers` say otherwise. */
export async function send(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, text, body: parsed };
}
