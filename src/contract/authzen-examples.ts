import { EXAMPLE } from "./example-ids.ts";

/** What the examples of AuthZEN's endpoints are put together from. */
export const subject = (id: string) => ({ type: "client_application", id });
export const resource = (id: string) => ({ type: "agent", id });
export const action = { name: "access_as_client" };
export const question = { subject: subject(EXAMPLE.client), action, resource: resource(EXAMPLE.agent) };

/** What is wrong with a body that asks nothing. */
export const ASKS_NOTHING = "subject must be an object with type and id.";
