/** A resource of a snapshot. Values that only Azure knows are template expressions in brackets. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: each type has a shape of its own
  readonly [property: string]: any;
}

/** What an environment is expected to have; the policies compare its deployment with this. */
export interface Expected {
  readonly environment: string;
  readonly instanceMemoryMB: number;
  readonly maximumInstanceCount: number;
  readonly alwaysReady: number;
  readonly httpConcurrency?: number;
  /** Everything that is off by default is on. */
  readonly guarded?: boolean;
}

/** A compiled template; modules are in it as deployments with a template of their own. */
export interface Template {
  readonly parameters: Readonly<Record<string, { readonly type?: string; readonly defaultValue?: unknown }>>;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly outputs?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface TemplateResource {
  readonly type?: string;
  readonly existing?: boolean;
  readonly dependsOn?: readonly string[];
  readonly properties?: { readonly template?: Template };
}

/** A deployment, resolved as far as possible without Azure, with the queries that policies use. */
export class Deployment {
  readonly resources: readonly Resource[];
  readonly expected: Expected;
  /** main.bicep, compiled: what a snapshot does not show, such as which parameters are secure. */
  readonly template: Template;

  constructor(expected: Expected, snapshot: string, template: string) {
    this.template = JSON.parse(template) as Template;
    this.resources = (JSON.parse(snapshot) as { predictedResources: Resource[] }).predictedResources;
    this.expected = expected;
  }

  all(type: string): readonly Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The only resource of its type; throws, which fails any policy, if there are none or several. */
  one(type: string): Resource {
    const [resource, ...others] = this.all(type);
    if (resource === undefined || others.length > 0) {
      throw new Error(`${others.length + (resource ? 1 : 0)} resources of ${type}`);
    }
    return resource;
  }

  get app(): Resource {
    return this.one("Microsoft.Web/sites");
  }

  get storage(): Resource {
    return this.one("Microsoft.Storage/storageAccounts");
  }

  get vault(): Resource {
    return this.one("Microsoft.KeyVault/vaults");
  }

  get identity(): Resource {
    return this.one("Microsoft.ManagedIdentity/userAssignedIdentities");
  }

  get workspace(): Resource {
    return this.one("Microsoft.OperationalInsights/workspaces");
  }

  /** A configuration of the app, by its name; undefined where there is none. */
  appConfig(name: string): Resource | undefined {
    return this.all("Microsoft.Web/sites/config").find((config) => config.name.endsWith(`/${name}`));
  }

  get appSettings(): Readonly<Record<string, string>> {
    return this.appConfig("appsettings")?.["properties"] ?? {};
  }
}
