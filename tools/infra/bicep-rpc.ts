import { spawn } from "node:child_process";
import { once } from "node:events";
import { createMessageConnection } from "vscode-jsonrpc/node";
import { bicepEnvironment } from "./bicep.ts";

/** A message of the compiler or linter. */
interface Diagnostic {
  readonly source: string;
  readonly level: "Error" | "Warning" | "Info";
  readonly code: string;
  readonly message: string;
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
  const ended = once(child, "close");
  const connection = createMessageConnection(child.stdout, child.stdin);
  connection.listen();
  // Rejects what is waiting if the CLI crashes.
  void ended.then(() => connection.dispose());
  const call = <T>(method: string, parameters: object) =>
    connection.sendRequest<T>(`bicep/${method}`, parameters);
  return {
    version: async () => (await call<{ version: string }>("version", {})).version,
    compile: (file) => call("compile", { path: file }),
    compileParams: (file) => call("compileParams", { path: file, parameterOverrides: {} }),
    format: async (file) => (await call<{ contents: string }>("format", { path: file })).contents,
    snapshot: async (file, place) =>
      (await call<{ snapshot: string }>("getSnapshot", { path: file, metadata: place })).snapshot,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
