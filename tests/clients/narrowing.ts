// What a frontend writes against the generated types: no cast, no `any`, no `!`.

import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

import {
  CreateCustomerDocument,
  FindCustomerDocument,
  type CreateCustomerInput,
  type CreateCustomerMutation,
  type ErrorCode,
} from "./generated/graphql";

type Outcome = NonNullable<CreateCustomerMutation["createCustomer"]>;
type Success = Extract<Outcome, { __typename: "CreateCustomerSuccess" }>;
type Failure = Exclude<Outcome, Success>;
type FieldError = Extract<Outcome, { __typename: "ValidationErrors" }>["fieldErrors"][number];

// As GraphQL clients declare theirs: the document brings the types of its variables and of its result.
declare function send<Result, Variables>(
  document: TypedDocumentNode<Result, Variables>,
  variables: NoInfer<Variables>,
): Promise<Result>;

function unknown(value: never): never {
  throw new Error(`newer than this client: ${JSON.stringify(value)}`);
}

export function told(outcome: Outcome): string {
  switch (outcome.__typename) {
    case "CreateCustomerSuccess": {
      const { customer, replayed } = outcome;
      const plan: string | undefined = customer.metadata["plan"];
      const created: Date = new Date(customer.createdAt);
      return `${customer.id} ${plan ?? "no plan"} ${created.getFullYear()} ${replayed ? "again" : "new"}`;
    }
    case "ValidationErrors":
      return outcome.fieldErrors.map((error) => `${error.path.join(".")}: ${error.message} ${hint(error)}`).join("\n");
    case "ExternalIdTaken":
      return outcome.existing ? `It is ${outcome.existing.id}'s.` : outcome.message;
    case "IntegrationTaken":
      return `${outcome.provider} ${outcome.id}: ${outcome.existing?.externalId ?? "not yours to see"}`;
    case "ParentNotFound":
    case "HierarchyConflict":
    case "IdempotencyConflict":
      return general(outcome);
    default:
      return unknown(outcome);
  }
}

// `... on Error` gives every failure the same three fields, so none need be told apart to be shown.
export function general(failure: Failure | FieldError): string {
  const code: ErrorCode = failure.code;
  return `${code} at ${failure.path.join(".")}: ${failure.message}`;
}

export function hint({ constraint }: FieldError): string {
  if (constraint === null) {
    return "";
  }
  switch (constraint.__typename) {
    case "LengthConstraint":
      return `${constraint.actualLength} characters, of ${constraint.minLength ?? 0} to ${constraint.maxLength ?? "any"}`;
    case "CountConstraint":
      return `${constraint.actualItems} items, of ${constraint.minItems ?? 0} to ${constraint.maxItems ?? "any"}`;
    case "FormatConstraint":
      return constraint.format === "EMAIL" ? "like ada@example.com" : constraint.format;
    case "ChoiceConstraint":
      return constraint.suggestion ?? constraint.allowed.join(", ");
    case "ExclusiveConstraint":
      return constraint.conflictsWith.map((path) => path.join(".")).join(", ");
    default:
      return unknown(constraint);
  }
}

export async function create(input: CreateCustomerInput): Promise<string> {
  const { createCustomer } = await send(CreateCustomerDocument, { input, idempotencyKey: "signup-1" });
  // Null only when the field crashed: then the reason is among the response's top-level errors.
  return createCustomer ? told(createCustomer) : "see errors";
}

export async function metadataOf(externalId: string): Promise<Record<string, string> | null> {
  const { customer } = await send(FindCustomerDocument, { by: { externalId } });
  return customer?.metadata ?? null;
}

export const signUp: Promise<string> = create({
  externalId: "acme",
  metadata: { plan: "pro" },
  integrationEntityMapping: [{ provider: "STRIPE", id: "cus_NffrFeUfNV2Hib" }],
});
