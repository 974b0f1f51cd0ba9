import { expect, test } from "vitest";
import { createPageToken, type PagedQuestion, readPageToken } from "../../src/contract/page-token.ts";

const subject = { type: "client_application", id: "c1" };
const resource = { type: "agent" };
const question: PagedQuestion = ["search/resource", subject, { name: "access_as_client" }, resource];
const token = await createPageToken(question, "a1");

test.each(["", "a1", "é"])("a token says where its page starts: after %j", async (after) => {
  const own = await createPageToken(question, after);
  expect(own).toMatch(/^[\w-]+$/);
  expect(await readPageToken(question, own)).toBe(after);
});

test("no token is the first page", async () => {
  expect(await readPageToken(question, "")).toBe("");
});

const [endpoint, , action] = question;
test.each<[string, PagedQuestion]>([
  ["endpoint", ["search/subject", subject, action, resource]],
  ["subject", [endpoint, { ...subject, id: "c2" }, action, resource]],
  ["subject with other properties", [endpoint, { ...subject, properties: { a: 1 } }, action, resource]],
  ["action", [endpoint, subject, { name: "read" }, resource]],
  ["resource", [endpoint, subject, action, { type: "room" }]],
])("a token of another %s is invalid", async (_, other) => {
  expect(await readPageToken(other, token)).toBeUndefined();
});

test.each([
  ["made up", "made up"],
  ["cut short", token.slice(0, -1)],
  ["made longer", `${token}A`],
  ["padded", `${token}=`],
  ["of the first version", Buffer.from("a1").toString("base64url")],
  ["of another position", token.slice(0, 16) + Buffer.from("a2").toString("base64url")],
])("a token that is %s is invalid", async (_, other) => {
  expect(await readPageToken(question, other)).toBeUndefined();
});

test("properties nested thousands deep have a token too", async () => {
  const properties = JSON.parse("[".repeat(30_000) + "]".repeat(30_000));
  const deep: PagedQuestion = [endpoint, { ...subject, properties }, action, resource];
  const own = await createPageToken(deep, "a1");
  expect(await readPageToken(deep, own)).toBe("a1");
  const other: PagedQuestion = [endpoint, { ...subject, id: "c2", properties }, action, resource];
  expect(await readPageToken(other, own)).toBeUndefined();
});

test("ids are the same in any letter case", async () => {
  const asked = (id: string): PagedQuestion => ["search", { type: "agent", id }];
  const id = "a9e17000-0000-4000-8000-00000000000c";
  expect(await readPageToken(asked(id.toUpperCase()), await createPageToken(asked(id), "a1"))).toBe("a1");
});
