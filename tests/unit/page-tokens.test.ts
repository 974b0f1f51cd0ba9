import { expect, test } from "vitest";
import { createPageTokens } from "../../src/adapters/lib/page-tokens.ts";
import type { PagedQuestion } from "../../src/domain/ports.ts";

const AFTER = "a9e17000-0000-4000-8000-000000000001";
const { seal, open } = createPageTokens("a secret of LiveKit");
const subject = { type: "client_application", id: "c11e4700-0000-4000-8000-00000000000c" };
const resource = { type: "agent" };
const endpoint = "search/resource";
const action = { name: "access_as_client" };
const question: PagedQuestion = [endpoint, { subject, action, resource }];
const token = seal(question, AFTER);

test.each(["", AFTER])("a token says where its page starts, to LKPS only: after %j", (after) => {
  const own = seal(question, after);
  expect(own).toMatch(/^[\w-]{86}$/);
  expect(open(question, own)).toBe(after);
  expect(Buffer.from(own, "base64url").includes(after.slice(0, 8) || "  ")).toBe(false);
});

test("no two tokens are the same", () => {
  expect(new Set(Array.from({ length: 100 }, () => seal(question, AFTER).slice(0, 16))).size).toBe(100);
});

test.each<[string, PagedQuestion]>([
  ["endpoint", ["search/subject", { subject, action, resource }]],
  ["subject", [endpoint, { subject: { ...subject, id: AFTER }, action, resource }]],
  ["subject's properties", [endpoint, { subject: { ...subject, properties: { a: 1 } }, action, resource }]],
  ["action", [endpoint, { subject, action: { name: "read" }, resource }]],
  ["resource", [endpoint, { subject, action, resource: { type: "room" } }]],
])("a token of another %s is invalid", (_, other) => {
  expect(open(other, token)).toBeUndefined();
});

// The last character has four unused bits.
const last = "AQgw".indexOf(token.at(-1) ?? "");
test.each([
  ["empty", ""],
  ["made up", "A".repeat(86)],
  ["cut short", token.slice(0, -1)],
  ["made longer", `${token}A`],
  ["padded", `${token}==`],
  ["written differently", token.slice(0, -1) + "BRhx"[last]],
  ["of another alphabet", `${token.slice(0, -2)}+/`],
  ["sealed with another secret", createPageTokens("another secret").seal(question, AFTER)],
  ...[0, 20, 70].map((at) => [
    `changed at ${at}`,
    `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`,
  ]),
])("a token that is %s is invalid", (_, other) => {
  expect(open(question, other ?? "")).toBeUndefined();
});

test("properties nested thousands deep have a token too", () => {
  const properties = JSON.parse("[".repeat(30_000) + "]".repeat(30_000));
  const deep = (id: string): PagedQuestion => [endpoint, { subject: { ...subject, id, properties }, action }];
  const own = seal(deep(subject.id), AFTER);
  expect([open(deep(subject.id), own), open(deep(AFTER), own)]).toEqual([AFTER, undefined]);
});

test("ids are the same in any letter case", () => {
  const upper = { ...subject, id: subject.id.toUpperCase() };
  expect(open([endpoint, { subject: upper, action, resource }], token)).toBe(AFTER);
});
