import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { addNames, clientIdsIn } from "../../cli/application-names.ts";
import { escapeText } from "../../cli/escape-text.ts";
import { httpUrl, wholeNumber } from "../../cli/options.ts";
import { html } from "../../cli/report/html.ts";
import { isLoopback, requireSecureUrl } from "../../cli/secure-url.ts";
import { microsoftTool, readClaims } from "../../cli/sign-in/token-claims.ts";
import { paint, print, printJson } from "../../cli/terminal.ts";

describe("someone else's text", () => {
  test.each([
    ["plain, ümlaut, 日本語, 👍", "plain, ümlaut, 日本語, 👍"],
    ["\u001b[31mred\u001b[0m", "\\u001b[31mred\\u001b[0m"],
    ["\u009b31mred", "\\u009b31mred"],
    ["\u007f", "\\u007f"],
    ["one\ntwo\r\tthree", "one\\u000atwo\\u000d\\u0009three"],
    ["evil\u202egpj.exe", "evil\\u202egpj.exe"],
    ["\u061c\u200e\u200f\u2028\u2029", "\\u061c\\u200e\\u200f\\u2028\\u2029"],
    ["\u2066\u2067\u2068\u2069", "\\u2066\\u2067\\u2068\\u2069"],
    ["access_as\u200b_client", "access_as\\u200b_client"],
    ["a\u00a0b\u3000c\u3164d", "a\\u00a0b\\u3000c\\u3164d"],
    ["\u{e0041}", "\\udb40\\udc41"],
    ["\ud800", "\\ud800"],
  ])("%j is shown as %j", (text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });

  test("stays on its line, whatever line breaks it has, and cannot add colors", () => {
    const stream = new PassThrough();
    print([`${paint("bold", "a\u001b[31mb")} c\nd\u001b[31me`, "f"], stream);
    expect(stripVTControlCharacters(String(stream.read()))).toBe("a\\u001b[31mb c\\u000ad\\u001b[31me\nf\n");
  });

  test("is the same in JSON, escaped", () => {
    const written: string[] = [];
    const write = vi
      .spyOn(process.stdout, "write")
      .mockImplementation((text) => written.push(String(text)) > 0);
    const value = { "\u202e": ["\u009b31m\u007f\n", "\u{e0041}\u2066 \u00a0", "\\u202e"] };
    printJson(value);
    write.mockRestore();
    const text = written.join("");
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    expect(text).toContain('"\\u202e": [');
    expect(JSON.parse(text)).toEqual(value);
  });

  test("never controls a terminal", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        (text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(escapeText(text)),
      ),
    );
  });
});

describe("a page's template", () => {
  test.each([
    ['<script>alert("1")</script>', "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"],
    ["' onload='x", "&#39; onload=&#39;x"],
    ["a & b &amp; c", "a &amp; b &amp;amp; c"],
    ["\u0000</title>", "\\u0000&lt;/title&gt;"],
  ])("escapes %j", (text, expected) => {
    expect(html`<p title="${text}">${text}</p>`.markup).toBe(`<p title="${expected}">${expected}</p>`);
  });

  test("escapes every value in text and attributes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => !/[<>"'\p{Cc}]/u.test(html`${text}`.markup)),
    );
  });

  test("inserts its own markup, lists, and nulls unchanged", () => {
    expect(html`${html`<b>x</b>`}${[html`<i>`, "<i>"]}${null}${3}`.markup).toBe("<b>x</b><i>&lt;i&gt;3");
  });
});

describe("a token", () => {
  const tokenOf = (claims: unknown) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;

  test.each([
    [
      { azp: "a", preferred_username: "ada", tid: "t", exp: 1 },
      { application: "a", user: "ada", tenantId: "t", expiresAt: new Date(1_000) },
    ],
    [
      { appid: "b", upn: "ada" },
      { application: "b", user: "ada", tenantId: null, expiresAt: null },
    ],
    [
      { azp: 7, exp: "soon" },
      { application: null, user: null, tenantId: null, expiresAt: null },
    ],
  ])("%j says %j", (claims, facts) => {
    expect(readClaims(tokenOf(claims))).toEqual(facts);
  });

  test.each(["", "opaque", "a.b.c", tokenOf(null), tokenOf("x")])("%j says nothing", (token) => {
    expect(readClaims(token)).toBeNull();
  });

  test("of a Microsoft tool is recognized", () => {
    expect(microsoftTool("04B07795-8ddb-461a-bbee-02f9e1bf7b46")).toBe("Azure CLI");
    expect([microsoftTool("c11e0000-0000-4000-8000-00000000000a"), microsoftTool(null)]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("a name", () => {
  const id = "c11e0000-0000-4000-8000-00000000000a";
  const names = new Map([[id, "App"]]);

  test.each([
    [`as ${id}`, `as ${id} "App"`],
    [`the entry of ${id.toUpperCase()} under`, `the entry of ${id.toUpperCase()} "App" under`],
    [`room lkps-${id}-${id}`, `room lkps-${id}-${id}`],
    [`named "${id}"`, `named "${id}"`],
    [`as ${id.replace("a", "b")}`, `as ${id.replace("a", "b")}`],
  ])("is added after a client id, but not inside of another name: %s", (text, expected) => {
    expect(addNames(text, names)).toBe(expected);
  });

  test("is looked up for agents and clients anywhere in an answer", () => {
    const answer = {
      agent_entra_app_id: id,
      session_id: id,
      clients: [{ client_app_id: id }, null, { code: id }],
    };
    expect(clientIdsIn(answer)).toEqual([id, id]);
  });
});

describe("an address", () => {
  test("loses its trailing slash", () => {
    expect(httpUrl("https://lkps.example.com/base/")).toBe("https://lkps.example.com/base");
  });

  test.each(["lkps", "ftp://x", "https://user:secret@x", "https://x?code=1", "https://x#y", ""])(
    "%j is not an address",
    (text) => {
      expect(() => httpUrl(text)).toThrow(InvalidArgumentError);
    },
  );

  test.each(["localhost", "127.0.0.1", "127.9.9.9", "[::1]"])("%s is this machine", (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => requireSecureUrl(`http://${host}:1`)).not.toThrow();
  });

  test.each(["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "0.0.0.0"])(
    "%s is another machine, so no token is sent unencrypted",
    (host) => {
      expect(() => requireSecureUrl(`http://${host}`)).toThrow("Use https");
      expect(() => requireSecureUrl(`https://${host}`)).not.toThrow();
    },
  );
});

test.each(["0", "101", "1.5", "-1", "x", "", "1e1"])("%j is not a whole number from 1 to 100", (text) => {
  expect(() => wholeNumber(1, 100)(text)).toThrow(InvalidArgumentError);
});
