import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test, vi } from "vitest";
import { azureToken } from "../../cli/sign-in/azure-sign-in.ts";
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
