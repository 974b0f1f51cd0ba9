import { app } from "@azure/functions";
import { API_KEY, fixtureEndpoints } from "./fixture-endpoints.ts";

// For the official suite, which calls https only: the address of a proxy that terminates TLS.
const { PUBLIC_BASE_URL, WEBSITE_HOSTNAME } = process.env;
const baseUrl = PUBLIC_BASE_URL ?? `http://${WEBSITE_HOSTNAME}`;

for (const { name, ...endpoint } of fixtureEndpoints(baseUrl)) app.http(name, endpoint);

console.log(`LKPS's AuthZEN endpoints, with the decisions of the certification fixture:
  ${baseUrl}/.well-known/authzen-configuration
  Authorization: Bearer ${API_KEY}`);
