import type { IncomingHttpHeaders } from "node:http";
import { expect } from "vitest";

const statuses = {
  invalid_request: 400,
  caller_unidentified: 401,
  invalid_token: 401,
  application_token_required: 403,
  not_found: 404,
  body_too_large: 413,
  bad_gateway: 502,
  directory_unavailable: 503,
};

/** Checks that an answer is the gateway's own problem with that code. */
export function expectProblem(
  answer: { status: number; type: string; headers: IncomingHttpHeaders; body: unknown },
  code: keyof typeof statuses,
): void {
  const status = statuses[code];
  expect([answer.status, (answer.body as { code?: string } | undefined)?.code]).toEqual([status, code]);
  expect(answer.type).toBe("application/problem+json");
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.body).toEqual({
    type: `/api/docs/problems.html#${code}`,
    title: expect.stringMatching(/^[A-Z]/),
    status,
    detail: expect.stringMatching(/\.$/),
    instance: expect.stringMatching(/^urn:lkps:gateway:\S+$/),
    code,
  });
}
