import { createServer } from "node:http";
import { expect, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { startService } from "../support/service.ts";

test("in the local stack a problem's type is a link through the gateway", async () => {
  const { port, close } = await listen(createServer(), 0);
  await close();
  const service = await startService({ ports: { gateway: port } });
  try {
    const { body } = await service.call("GET", "/api/agent/registration");
    expect(body.type).toBe(`${service.stack.gatewayUrl}/api/docs/problems.html#caller_unidentified`);
    expect(await (await fetch(body.type)).text()).toContain('id="caller_unidentified"');
  } finally {
    await service.close();
  }
});
