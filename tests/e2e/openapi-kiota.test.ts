import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { accessTokens, seenByProgram } from "../support/generated-client.ts";
import { findKiota } from "../support/kiota.ts";
import { document } from "../support/openapi-document.ts";
import { type Service, startService } from "../support/service.ts";

const kiota = await findKiota();
if ("missing" in kiota && process.env["CI"])
  throw new Error(`The C# client cannot be tested: ${kiota.missing}`);

describe.skipIf("missing" in kiota)(
  "missing" in kiota ? `a C# client of Kiota (skipped: ${kiota.missing})` : "a C# client of Kiota",
  () => {
    if ("missing" in kiota) return;
    let service: Service;

    beforeAll(async () => {
      service = await startService();
    }, 30_000);
    afterAll(async () => {
      await service?.close();
      await kiota.remove();
    });

    test("is generated and compiles without a warning", async () => {
      // As where LKPS knows its address: a file has no place that `/` could be relative to.
      const servers = [{ url: EXAMPLE.baseUrl }];
      expect(await kiota.generate({ ...document, servers })).not.toMatch(/warn|error/i);
      await kiota.build();
    }, 120_000);

    test("registers an agent, starts a session, reads a batch, and learns why it is refused", async () => {
      const { stack } = service;
      const tokens = await accessTokens(stack);
      const output = await kiota.run({
        BASE_URL: stack.gatewayUrl,
        AGENT: EXAMPLE.agent,
        CLIENT: EXAMPLE.client,
        AGENT_TOKEN: tokens.agent,
        CLIENT_TOKEN: tokens.client,
        STRANGER_TOKEN: tokens.stranger,
      });
      expect(JSON.parse(output)).toEqual({
        ...seenByProgram,
        decided: ["pre_authorized"],
      });
    }, 30_000);
  },
);
