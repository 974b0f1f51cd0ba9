import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { infraDirectory } from "../../tools/infra/deployments.ts";
import { accessTokenOf } from "../support/access-token.ts";
import { type Service, startService } from "../support/service.ts";

/** The whole service on this machine, for hooks that call it, and a folder for a stand-in of `az`. */
export interface HookWorld {
  readonly service: Service;
  readonly folder: string;
  /** Runs a hook with these environment variables. */
  run(settings: Record<string, string>, hook?: string): Promise<{ status: unknown; output: string }>;
  /** What azd's environment says after a deployment with this way of identifying callers, and the function key. */
  deployed(callerIdentity: string): Record<string, string>;
  /** The same without the key, which `az`, a script in the place of the real one, is asked for. */
  askingAz(script: string): Record<string, string>;
  azCalls(): string[];
  /** An access token of an application. */
  accessToken(): Promise<string>;
  close(): Promise<void>;
}

export async function startHookWorld(): Promise<HookWorld> {
  const folder = mkdtempSync(join(tmpdir(), "lkps-hooks-"));
  const service = await startService();
  const deployed = (callerIdentity: string) => ({
    LKPS_URL: `${service.stack.appUrl}/`,
    LKPS_CALLER_IDENTITY: callerIdentity,
    LKPS_FUNCTION_KEY: service.stack.functionKey,
  });
  return {
    service,
    folder,
    deployed,
    async run(settings, hook = "smoke.mjs") {
      const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("LKPS_"));
      const [file = "", ...args] = hook.split(" ");
      const child = spawn(process.execPath, [join(infraDirectory, "hooks", file), ...args], {
        env: { ...Object.fromEntries(inherited), LKPS_SMOKE_SECONDS: "1", ...settings },
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
      const status = await new Promise((resolve) => child.on("close", resolve));
      return { status, output };
    },
    askingAz(script) {
      writeFileSync(join(folder, "az"), `#!/bin/sh\necho "$*" >>"${folder}/calls"\n${script}\n`);
      writeFileSync(join(folder, "calls"), "");
      chmodSync(join(folder, "az"), 0o755);
      const { LKPS_FUNCTION_KEY: _, ...settings } = deployed("gateway-header");
      return {
        ...settings,
        LKPS_FUNCTION_APP: "func",
        AZURE_RESOURCE_GROUP: "rg",
        AZURE_SUBSCRIPTION_ID: "sub",
        PATH: [folder, process.env["PATH"]].join(delimiter),
      };
    },
    azCalls: () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n"),
    accessToken: () =>
      accessTokenOf(service.stack, "c11e4700-0000-4000-8000-000000000001", "approved-secret"),
    async close() {
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
