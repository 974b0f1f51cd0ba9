import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bicepVersion, findBicep } from "../../tools/infra/bicep.ts";
import { needs } from "../../tools/test/needs.ts";

// A stand-in for the CLI, as everybody's PATH may have one.
describe("finding the Bicep CLI", await needs("posix"), () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lkps-bicep-"));
    vi.stubEnv("LKPS_BICEP", undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  function standIn(version: string): string {
    const path = join(folder, "bicep");
    writeFileSync(path, `#!/bin/sh\necho "Bicep CLI version ${version} (0123456789)"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  test("takes the one on the PATH, if it is of the pinned version", async () => {
    const path = standIn(bicepVersion);
    vi.stubEnv("PATH", `${folder}:/usr/bin:/bin`);
    expect(await findBicep()).toEqual({ path });
  });

  test("takes none of another version", async () => {
    const path = standIn("0.1.0");
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
    expect(await findBicep()).not.toEqual({ path });
  });

  test("takes the one that LKPS_BICEP names before all others, and says so if it is none", async () => {
    vi.stubEnv("LKPS_BICEP", standIn(bicepVersion));
    expect(await findBicep()).toEqual({ path: process.env["LKPS_BICEP"] });
    vi.stubEnv("LKPS_BICEP", join(folder, "nothing"));
    expect(await findBicep()).toEqual({ missing: `LKPS_BICEP is no Bicep CLI ${bicepVersion}` });
  });
});
