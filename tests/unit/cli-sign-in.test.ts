import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test, vi } from "vitest";
import { azureToken } from "../../cli/sign-in/azure-sign-in.ts";
import { type CallerOptions, callerToken, namesCaller } from "../../cli/sign-in/caller-token.ts";
import { needs } from "../../tools/test/needs.ts";

test(
  "a tool that hangs does not delay the answer beyond the longest wait",
  await needs("posix"),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "lkps-az-"));
    await writeFile(join(folder, "az"), "#!/bin/sh\nexec sleep 60\n");
    await chmod(join(folder, "az"), 0o755);
    // Only this source of tokens: the others look at the machine.
    vi.stubEnv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"]}`);
    try {
      const startedAt = performance.now();
      await expect(azureToken("api://lkps/.default", undefined, 300)).rejects.toThrow("az login");
      expect(performance.now() - startedAt).toBeLessThan(20_000);
    } finally {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true, force: true });
    }
  },
);

const NOWHERE = "http://127.0.0.1:9";
const local = { local: true, entraUrl: NOWHERE };
test.each<[string, CallerOptions, string]>([
  ["is sent without --local", { entraUrl: NOWHERE }, "of-a-tenant"],
  ["does not outrank --local --as", { ...local, as: "approved" }, "local_stack_missing"],
  ["does not outrank --token", { ...local, as: "approved", token: "typed" }, "typed"],
])("LKPS_TOKEN %s", async (_, options, expected) => {
  vi.stubEnv("LKPS_TOKEN", "of-a-tenant");
  const outcome = await callerToken(options).catch(({ code }) => code);
  vi.unstubAllEnvs();
  expect(outcome).toBe(expected);
});

test("a scope names no caller of the local stack", () => {
  const scope = "api://lkps/.default";
  expect([namesCaller({ ...local, scope }), namesCaller({ entraUrl: NOWHERE, scope })]).toEqual([
    false,
    true,
  ]);
});
