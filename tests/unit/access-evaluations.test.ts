import { HttpRequest } from "@azure/functions";
import { expect, test } from "vitest";
import type { ClientId } from "../../src/domain/client-id.ts";
import { createDecisionRecord } from "../../src/domain/decision-record.ts";
import { accessEvaluations } from "../../src/functions/access-evaluations.ts";
import type { RequestContext } from "../../src/http/endpoint.ts";
import { Problem } from "../../src/http/problem.ts";
import { AGENT, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { contextFor, decisionsOf, fakePorts } from "../support/fakes.ts";

const OTHER_AGENT = OTHER_CLIENT;

test.each(["execute_all", "deny_on_first_deny"] as const)(
  "a batch (%s) reads each agent's registration once, and the next batch reads it again",
  async (evaluations_semantic) => {
    const { ports, asked } = fakePorts();
    const handle = accessEvaluations.handler({ decisions: decisionsOf(ports), clock: ports.clock });
    const resource = (id: string) => ({ resource: { type: "agent", id } });
    const body = {
      subject: { type: "client_application", id: CLIENT },
      action: { name: "access_as_client" },
      ...resource(AGENT),
      evaluations: [...Array(50).fill({}), ...Array(50).fill(resource(OTHER_AGENT))],
      options: { evaluations_semantic },
    };
    for (const batches of [1, 2]) {
      const request = new HttpRequest({
        method: "POST",
        url: "http://localhost/",
      });
      const open = () => createDecisionRecord("evaluation", "a-decision");
      const requestContext: RequestContext = {
        ...contextFor(open()),
        request,
        body,
        query: {},
        caller: CLIENT as ClientId,
        records: [],
        createRecord: open,
        log: () => {},
        reportFailure: () => new Problem("internal_error", { detail: "" }),
      };
      const answer = await handle(requestContext);
      expect(answer).toMatchObject({ jsonBody: { evaluations: { length: 100 } } });
      expect(asked.order.filter((name) => name === "find").length).toBe(2 * batches);
    }
  },
);
