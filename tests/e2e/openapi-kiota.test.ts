import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { findKiota, type KiotaProject } from "../../tools/test/kiota.ts";
import { needs } from "../../tools/test/needs.ts";
import { accessTokens, seenByProgram } from "../support/generated-client.ts";
import { document } from "../support/openapi-document.ts";
import { type Service, startService } from "../support/service.ts";

describe("a C# client of Kiota", await needs("kiota"), () => {
  let service: Service;
  let kiota: KiotaProject;

  beforeAll(async () => {
    const found = await findKiota();
    if ("missing" in found) throw new Error(found.missing);
    kiota = found;
    service = await startService();
  });
  afterAll(async () => {
    await service?.close();
    await kiota?.remove();
  });

  test("is generated and compiles without a warning", async () => {
    // As with PUBLIC_BASE_URL: a file has no address that `/` could be relative to.
    const servers = [{ url: EXAMPLE.baseUrl }];
    expect(await kiota.generate({ ...document, servers })).not.toMatch(/warn|error/i);
    await kiota.build();
  });

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
    expect(JSON.parse(output)).toEqual({ ...seenByProgram, decided: ["pre_authorized"] });
  });
});
