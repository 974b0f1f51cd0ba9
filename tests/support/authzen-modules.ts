// The modules of the OpenID Foundation's conformance suite for AuthZEN policy decision points, by their names without
// `authzen-pdp-`, and the requests that the certification scenario makes besides. Written from the scenario's text.

/** What a module sends to one of the five endpoints, and what it expects. */
export interface AuthzenModule {
  readonly name: string;
  readonly path: string;
  readonly body: unknown;
  readonly method?: "GET" | "PUT";
  /** `null` sends none. */
  readonly authorization?: string | null;
  readonly contentType?: string;
  /** A status, a decision, the decisions of a batch, or what a search must find at least. */
  readonly expected: readonly number[] | boolean | readonly boolean[] | readonly string[];
  /** Sent three times, for the same decisions or results. */
  readonly repeat?: true;
  /** Why what the suite expects contradicts the scenario; `expected` is what the scenario says. */
  readonly contradiction?: string;
}
type Row = [name: string, body: unknown, expected: AuthzenModule["expected"], more?: Partial<AuthzenModule>];

const user = (id: string, properties?: object) => ({ type: "user", id, ...(properties && { properties }) });
const record = (id: string, properties?: object) => ({ type: "record", id, ...(properties && { properties }) });
const does = (name: string, properties?: object) => ({ name, ...(properties && { properties }) });
const [alice, bob, admin] = [user("alice"), user("bob"), user("bob", { role: "admin" })];
const [record1, record2] = [record("record-1"), record("record-2")];
const [active, archived] = [record("record-1", { status: "active" }), record("record-2", { status: "archived" })];
const [read, write] = [does("read"), does("write")];
const [users, records] = [{ type: "user" }, { type: "record" }];
const context = { time: "2025-06-27T18:03-07:00", ip: "192.168.1.1" };
const unknown = { foo: "bar", futureField: { nested: true } };
const BAD_REQUEST = [400];

const reading = { subject: alice, action: read, resource: record1 };
const reads = { subject: alice, action: read, evaluations: [{ resource: record1 }, { resource: record2 }] };
const bobs = { subject: bob, resource: record1, evaluations: [{ action: read }, { action: write }] };
const readers = { subject: users, action: read, resource: record1 };
const readable = { subject: alice, action: read, resource: records };
const doable = { subject: alice, resource: record1 };
const semantic = (evaluations_semantic: string) => ({ options: { evaluations_semantic } });
const without = (body: object, ...names: string[]) => Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));

const evaluation: readonly Row[] = [
  ["action-missing-name", { ...reading, action: {} }, BAD_REQUEST],
  ["action-name-is-number", { ...reading, action: { name: 123 } }, BAD_REQUEST],
  ["fixture-request-deny-based-on-action-properties", { ...reading, action: does("delete", { soft: false }) }, false],
  ["fixture-request-deny-based-on-properties", { subject: alice, action: write, resource: archived }, false],
  ["fixture-request-deny-decision", { subject: bob, action: write, resource: record1 }, false],
  ["fixture-request-permit-based-on-action-properties", { ...reading, action: does("delete", { soft: true }) }, true],
  ["fixture-request-permit-based-on-subject-properties", { subject: admin, action: write, resource: archived }, true],
  ["fixture-request-permit-decision", reading, true],
  ["invalid-credentials-returns-401", reading, [401], { authorization: "Bearer wrong.fixture.key" }],
  ["missing-action", without(reading, "action"), BAD_REQUEST],
  ["missing-credentials-returns-401", reading, [401], { authorization: null }],
  ["missing-resource", without(reading, "resource"), BAD_REQUEST],
  ["missing-subject", without(reading, "subject"), BAD_REQUEST],
  ["request-with-additional-properties", { subject: user("alice", { department: "Sales", role: "manager" }), action: does("read", { method: "GET" }), resource: record("record-1", { status: "active", owner: "bob" }) }, true],
  ["request-with-optional-context", { ...reading, context }, true],
  ["resource-missing-id", { ...reading, resource: records }, BAD_REQUEST],
  ["resource-missing-type", { ...reading, resource: { id: "record-1" } }, BAD_REQUEST],
  ["subject-is-string", { ...reading, subject: "alice" }, BAD_REQUEST],
  ["subject-missing-id", { ...reading, subject: users }, BAD_REQUEST],
  ["subject-missing-type", { ...reading, subject: { id: "alice" } }, BAD_REQUEST],
  ["unknown-action-fields-ignored", { ...reading, action: { ...read, customAttr: "ignored" } }, true],
  ["unknown-resource-fields-ignored", { ...reading, resource: { ...record1, customAttr: "x", more: [1, 2, 3] } }, true],
  ["unknown-subject-fields-ignored", { ...reading, subject: { ...alice, customAttr: "x", more: { k: "v" } } }, true],
];

const evaluations: readonly Row[] = [
  ["batch-request-with-evaluations-array", reads, [true, true]],
  ["batch-with-context-inheritance", { ...reads, context, evaluations: [{ resource: record1 }, { resource: record2, context: { source: "override" } }] }, [true, true]],
  [
    "batch-with-default-value-merging",
    { subject: alice, action: write, resource: records, evaluations: [without(active, "type"), archived].map((resource) => ({ resource })) },
    [false, false],
    { contradiction: "3.2.7: there is no sub-field merging; a resource without its type is that evaluation's error" },
  ],
  ["scenario 3.2.7", { subject: alice, action: write, resource: active, evaluations: [{}, { resource: archived }] }, [true, false]],
  ["batch-with-fixture-decisions-validated", bobs, [true, false]],
  ["batch-with-fully-specified-evaluations", { evaluations: [reading, { subject: bob, action: write, resource: record1 }] }, [true, false]],
  ["batch-with-properties-validated", { subject: alice, action: write, evaluations: [{ resource: active }, { resource: archived }] }, [true, false]],
  ["batch-with-subject-properties-validated", { action: write, resource: archived, evaluations: [{ subject: alice }, { subject: admin }] }, [false, true]],
  ["deny-on-first-deny", { ...bobs, evaluations: [...bobs.evaluations, { action: read }], ...semantic("deny_on_first_deny") }, [true, false]],
  ["empty-evaluations-array-backward-compat", { ...reading, evaluations: [] }, true],
  ["evaluation-level-errors", { ...reads, evaluations: [{ resource: record1 }, {}] }, [true, false]],
  ["scenario 3.4.1", { ...reads, evaluations: [{ resource: record1 }, {}], ...semantic("execute_all") }, [true, false]],
  ["execute-all-explicit", { ...bobs, ...semantic("execute_all") }, [true, false]],
  ["missing-evaluations-array-backward-compat", reading, true],
  ["missing-subject-returns-decision-false", { action: read, evaluations: [{ resource: record1 }] }, [false]],
  ["per-eval-overrides-default", { ...bobs, action: write, evaluations: [{ action: read }, {}] }, [true, false]],
  ["permit-on-first-permit", { ...bobs, evaluations: [{ action: write }, { action: read }, { action: write }], ...semantic("permit_on_first_permit") }, [false, true]],
  ["unknown-semantic-value", { ...reads, ...semantic("bogus_value") }, BAD_REQUEST],
];

const subjectSearch: readonly Row[] = [
  ["action-is-string", { ...readers, action: "read" }, BAD_REQUEST],
  ["action-missing-name", { ...readers, action: {} }, BAD_REQUEST],
  ["extra-subject-id-ignored", { ...readers, subject: user("ignored-stray-id") }, ["alice", "bob"]],
  ["missing-action", without(readers, "action"), BAD_REQUEST],
  ["missing-resource", without(readers, "resource"), BAD_REQUEST],
  ["request-with-page-limit", { ...readers, page: { limit: 1 } }, ["alice", "bob"]],
  ["resource-missing-id", { ...readers, resource: records }, BAD_REQUEST],
  ["resource-missing-type", { ...readers, resource: { id: "record-1" } }, BAD_REQUEST],
  ["subject-missing-type", { ...readers, subject: {} }, BAD_REQUEST],
  ["subject-search-with-context", { ...readers, context }, ["alice", "bob"]],
  ["subject-search-with-resource-properties", { subject: users, action: write, resource: archived }, ["bob"]],
  ["subject-search-with-subject-id-omitted", readers, ["alice", "bob"]],
  ["unknown-entity-type", { ...readers, subject: { type: "spaceship" } }, []],
  ["unknown-page-fields-ignored", { ...readers, page: { limit: 10, customAttr: "ignored" } }, ["alice", "bob"]],
  ["valid-subject-search-request-with-non-empty-results", readers, ["alice", "bob"]],
];

const resourceSearch: readonly Row[] = [
  ["action-missing-name", { ...readable, action: {} }, BAD_REQUEST],
  ["extra-resource-id-ignored", { ...readable, resource: record("ignored-stray-id") }, ["record-1"]],
  ["missing-action", without(readable, "action"), BAD_REQUEST],
  ["missing-resource", without(readable, "resource"), BAD_REQUEST],
  ["missing-subject", without(readable, "subject"), BAD_REQUEST],
  ["resource-missing-type", { ...readable, resource: {} }, BAD_REQUEST],
  ["resource-search-with-resource-id-omitted", readable, ["record-1"]],
  ["resource-search-with-subject-properties", { subject: admin, action: write, resource: records }, ["record-2"]],
  ["scenario 4.3.2", { ...readable, context }, ["record-1"]],
  ["scenario 4.6", { ...readable, subject: user("nonexistent-user") }, []],
  ["subject-missing-id", { ...readable, subject: users }, BAD_REQUEST],
  ["valid-resource-search-request-with-non-empty-results", readable, ["record-1"]],
];

const actionSearch: readonly Row[] = [
  ["action-search-with-context", { ...doable, context }, ["read", "write"]],
  ["action-search-with-properties", { subject: admin, resource: archived }, ["write"]],
  ["extra-action-ignored", { ...doable, action: read }, ["read", "write"]],
  ["missing-resource", without(doable, "resource"), BAD_REQUEST],
  ["missing-subject", without(doable, "subject"), BAD_REQUEST],
  ["resource-missing-id", { ...doable, resource: records }, BAD_REQUEST],
  ["resource-missing-type", { ...doable, resource: { id: "record-1" } }, BAD_REQUEST],
  ["subject-is-string", { ...doable, subject: "alice" }, BAD_REQUEST],
  ["subject-missing-id", { ...doable, subject: users }, BAD_REQUEST],
  ["subject-missing-type", { ...doable, subject: { id: "alice" } }, BAD_REQUEST],
  ["unknown-entity-identifier", { ...doable, subject: user("nonexistent-user") }, []],
  ["valid-action-search-request-with-non-empty-results", doable, ["read", "write"]],
];

/** The modules that every plan has, for a request that the endpoint takes. */
const inEveryPlan = (body: object, expected: AuthzenModule["expected"], idempotency: Partial<AuthzenModule> = {}): Row[] => [
  ["accept-content-type-with-charset", body, expected, { contentType: "application/json; charset=utf-8" }],
  ["idempotency", body, expected, { repeat: true, ...idempotency }],
  ["reject-empty-body", "", BAD_REQUEST],
  ["reject-get-method", "", [400, 404, 405], { method: "GET" }],
  ["reject-malformed-json", "{ broken", BAD_REQUEST],
  ["reject-non-json-content-type", body, [400, 415], { contentType: "text/plain" }],
  ["reject-put-method", body, [400, 404, 405], { method: "PUT" }],
  ["reject-top-level-array", [body], BAD_REQUEST],
  ["unknown-top-level-fields-ignored", { ...body, ...unknown }, expected],
  ["x-request-id-echoed", body, expected],
];
const wholeBody = "2.6 and 2.3.2: the decision is the same; the context, here with another decision_id, is not validated";

const plans: readonly [plan: string, path: string, rows: readonly Row[]][] = [
  ["evaluation", "evaluation", [...inEveryPlan(reading, true), ...evaluation]],
  ["evaluations", "evaluations", [...inEveryPlan(bobs, [true, false], { contradiction: wholeBody }), ...evaluations]],
  ["subject-search", "search/subject", [...inEveryPlan(readers, ["alice", "bob"]), ...subjectSearch]],
  ["resource-search", "search/resource", [...inEveryPlan(readable, ["record-1"]), ...resourceSearch]],
  ["action-search", "search/action", [...inEveryPlan(doable, ["read", "write"]), ...actionSearch]],
];

/** All of them, in the order of the five plans. */
export const authzenModules: readonly AuthzenModule[] = plans.flatMap(([plan, path, rows]) => rows.map(([name, body, expected, more]) => ({ name: `${plan}-${name}`, path, body, expected, ...more })));
