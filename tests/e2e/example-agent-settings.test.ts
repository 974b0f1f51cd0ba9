import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { examplesDirectory } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";

// The agent's identity settings, without this machine's stand-ins.
type Settings = Readonly<Record<string, string | undefined>>;
describe("the example agent's settings", await needs("examples"), () => {
  let readSettings: (env: Settings) => Settings;
  let accessToken: (settings: Settings) => Promise<string>;

  beforeAll(async () => {
    // Paths that the compiler does not follow, because the examples' packages may not be installed when it runs.
    const load = (file: string) => import(join(examplesDirectory, "agent", file));
    ({ readSettings } = await load("settings.ts"));
    ({ accessToken } = await load("access-token.ts"));
  });

  const inAzure = {
    LKPS_URL: "https://gateway.example",
    LKPS_SCOPE: "api://lkps/.default",
    AZURE_TENANT_ID: "7e4a4700-0000-4000-8000-000000000001",
    AZURE_CLIENT_ID: "a9e17000-0000-4000-8000-000000000001",
  };

  test("an empty setting counts as missing", () => {
    const settings = readSettings({
      ...inAzure,
      ENTRA_TOKEN_URL: "",
      AZURE_CLIENT_SECRET: "",
      HEALTH_PORT: "",
    });
    expect(settings).toEqual({ ...inAzure, HEALTH_HOST: "127.0.0.1", HEALTH_PORT: 8_081 });
  });

  test.each([undefined, ""])(
    "without the stand-in's address, the tenant %j is reported as missing",
    (tenant) => {
      const bad = { ...inAzure, AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: "me" };
      expect(() => readSettings(bad)).toThrow(/AZURE_CLIENT_ID: .*\nAZURE_TENANT_ID: the tenant/);
      expect(
        readSettings({ ...bad, AZURE_CLIENT_ID: inAzure.AZURE_CLIENT_ID, ENTRA_TOKEN_URL: "http://a" }),
      ).toBeDefined();
    },
  );

  test.each([
    ["EnvironmentCredential is unavailable", {}],
    ["no-such-file", { AZURE_FEDERATED_TOKEN_FILE: "no-such-file" }],
  ])(
    "without its own credential, the agent gets no token, and does not use any other sign-in: %s",
    async (said, more) => {
      const given = { ...inAzure, AZURE_CLIENT_SECRET: "", AZURE_CLIENT_CERTIFICATE_PATH: "", ...more };
      for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
      await expect(accessToken(readSettings(given))).rejects.toThrow(said);
      vi.unstubAllEnvs();
    },
  );
});
