import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { bicepEnvironment } from "./bicep.ts";

/** A message of the compiler or linter. */
interface Diagnostic {
  readonly source: string;
  readonly level: "Error" | "Warning" | "Info";
  readonly code: string;
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly char: number } };
}

/** The target of an imaginary deployment, which a snapshot needs to resolve names and ids. */
export interface SnapshotPlace {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup?: string;
  readonly location: string;
  readonly deploymentName: string;
}

/** A running Bicep CLI. A call takes milliseconds; starting the CLI takes seconds. */
export interface BicepRpc extends AsyncDisposable {
  version(): Promise<string>;
  /** Compiles a `.bicep` file. The diagnostics include the linter's. */
  compile(path: string): Promise<{ contents: string | null; diagnostics: Diagnostic[] }>;
  compileParams(path: string): Promise<{ parameters: string | null; diagnostics: Diagnostic[] }>;
  /** Returns the file as formatted by `bicep format`. */
  format(path: string): Promise<string>;
  /** Returns every resource of a `.bicepparam` file, resolved as far as possible without Azure. */
  snapshot(path: string, place: SnapshotPlace): Promise<string>;
}

/**
 * Starts `bicep jsonrpc` on stdio.
 *
 * @param variables - environment variables for parameter files
 */
export function startBicepRpc(path: string, variables: Readonly<Record<string, string>>): BicepRpc {
  const child = spawn(path, ["jsonrpc", "--stdio"], { env: bicepEnvironment(variables) });
  const call = connect(child);
  return {
    version: async () => (await call<{ version: string }>("bicep/version", {})).version,
    compile: (file) => call("bicep/compile", { path: file }),
    compileParams: (file) => call("bicep/compileParams", { path: file, parameterOverrides: {} }),
    format: async (file) => (await call<{ contents: string }>("bicep/format", { path: file })).contents,
    snapshot: async (file, place) =>
      (await call<{ snapshot: string }>("bicep/getSnapshot", { path: file, metadata: place })).snapshot,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill();
      await ended;
    },
  };
}

type Answer = {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
};

/** JSON-RPC 2.0 with `Content-Length` frames, as in the Language Server Protocol. */
function connect({ stdin, stdout, stderr }: ChildProcessWithoutNullStreams) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let received = Buffer.alloc(0);
  let complaints = "";
  let lastId = 0;
  stderr.on("data", (chunk: Buffer) => (complaints += chunk));
  stdout.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let frame = takeFrame(); frame !== undefined; frame = takeFrame()) settle(JSON.parse(frame));
  });
  stdout.on("close", () => {
    for (const { reject } of waiting.values()) reject(new Error(`The Bicep CLI ended: ${complaints}`));
  });

  function takeFrame(): string | undefined {
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd === -1) return undefined;
    const length = Number(/Content-Length: (\d+)/i.exec(received.toString("latin1", 0, headEnd))?.[1]);
    const start = headEnd + 4;
    if (received.length < start + length) return undefined;
    const body = received.toString("utf8", start, start + length);
    received = received.subarray(start + length);
    return body;
  }

  function settle({ id, result, error }: Answer): void {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error.message));
  }

  return <T>(method: string, parameters: object): Promise<T> => {
    const id = ++lastId;
    const call = Promise.withResolvers<unknown>();
    waiting.set(id, call);
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params: [parameters] });
    stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return call.promise as Promise<T>;
  };
}
