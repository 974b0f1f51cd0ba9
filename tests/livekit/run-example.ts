import { join } from "node:path";
import { lkpsClientId } from "../../dev/local-defaults.ts";
import { baseEnvironment } from "../../dev/stack/base-environment.ts";
import { type Child, startChild } from "../../dev/stack/child-process.ts";
import type { Stack } from "../../dev/stack.ts";
import { examplesDirectory } from "../../tools/repository-paths.ts";

/** An example, in a process of its own. */
export interface RunningExample extends Child {
  /** Every line that it wrote so far. */
  readonly lines: string[];
  /** Waits for something that the process does. @throws with its output if it exits before that */
  during<T>(work: Promise<T>): Promise<T>;
  /** Waits for a line that it wrote, or writes. */
  line(wanted: RegExp): Promise<string>;
}

/** Starts an example's script as its package.json does, with the stack's addresses over those of local.env. */
export async function runExample(
  script: string,
  stack: Pick<Stack, "gatewayUrl" | "entra">,
  env: Record<string, string> = {},
  args = ["start"],
): Promise<RunningExample> {
  const lines: string[] = [];
  let written = Promise.withResolvers<void>();
  const { gatewayUrl, entra } = stack;
  const child = startChild(join(examplesDirectory, script), {
    args,
    env: {
      ...baseEnvironment(),
      LKPS_URL: gatewayUrl,
      LKPS_SCOPE: `api://${lkpsClientId}/.default`,
      ENTRA_TOKEN_URL: `${entra.url}/${entra.tenantId}/oauth2/v2.0/token`,
      ...env,
    },
    cwd: examplesDirectory,
    nodeFlags: ["--env-file=local.env"],
    onLine(line) {
      lines.push(line);
      written.resolve();
      written = Promise.withResolvers();
    },
  });
  const ended = child.exited.then((): never => {
    throw new Error([`${script} ended.`, ...lines].join("\n"));
  });
  // If nothing waits for it, its exit is not a failure.
  ended.catch(() => {});
  const during = <T>(work: Promise<T>): Promise<T> => Promise.race([work, ended]);
  const line = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const next = written.promise;
      const found = lines.find((written) => wanted.test(written));
      if (found !== undefined) return found;
      await next;
    }
  };
  return {
    ...child,
    lines,
    during,
    line: (wanted) => during(line(wanted)),
    async stop() {
      // Includes the processes of its jobs, which would otherwise keep trying to reach LiveKit.
      if (process.platform === "win32") return await child.stop();
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await child.exited;
    },
  };
}
