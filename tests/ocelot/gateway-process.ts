import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { baseEnvironment } from "../../dev/stack/base-environment.ts";
import { buildGateway } from "../../tools/infra/gateway.ts";

/** Where the compiled gateway is. @throws where it cannot be compiled */
export async function gatewayDll(): Promise<string> {
  const built = await buildGateway();
  if ("missing" in built) throw new Error(built.missing);
  return built.dll;
}

/** A running gateway. */
export interface RunningGateway {
  readonly url: string;
  /** Every line that it logged so far. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts the gateway on 127.0.0.1 and waits until it listens.
 * @param settings as environment variables, over those of its files
 * @param folder where it finds these files, if not beside its program
 */
export async function startGateway(
  settings: Record<string, string>,
  folder?: string,
): Promise<RunningGateway> {
  const dll = await gatewayDll();
  const child = spawn("dotnet", [dll, "--urls", "http://127.0.0.1:0"], {
    cwd: folder ?? dirname(dll),
    env: { ...baseEnvironment(), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<null>((resolve) => child.once("close", () => resolve(null)));
  const said: string[] = [];
  const url = await Promise.race([exited, listening(child, said)]);
  if (url === null) throw new Error(["The gateway ended while it started.", ...said].join("\n"));
  return {
    url,
    lines: said,
    async close() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function listening({ stdout, stderr }: ChildProcess, said: string[]): Promise<string> {
  return new Promise((resolve) => {
    for (const input of [stdout, stderr]) {
      if (input === null) continue;
      createInterface({ input }).on("line", (line) => {
        said.push(line);
        const url = /Now listening on: (http:\S+)/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
  });
}
