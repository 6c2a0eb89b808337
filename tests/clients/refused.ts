// What must not compile: each line that ends in an error's number gives that error, and no other line gives any.

import type {
  CreateCustomerInput,
  CreateCustomerMutation,
  FindCustomerQuery,
  FindCustomerQueryVariables,
} from "./generated/graphql";

type Outcome = NonNullable<CreateCustomerMutation["createCustomer"]>;

export function withoutNarrowing(outcome: Outcome): unknown {
  return outcome.existing; // TS2339
}

export function withoutTheSuccess(outcome: Outcome): string {
  return outcome.message; // TS2339
}

export function withoutTheNull(mutation: CreateCustomerMutation): string {
  return mutation.createCustomer.__typename; // TS18047
}

export function withACaseForgotten(outcome: Exclude<Outcome, { __typename: "ParentNotFound" }>): boolean {
  switch (outcome.__typename) {
    case "CreateCustomerSuccess":
      return true;
    case "ValidationErrors":
    case "IdempotencyConflict":
    case "HierarchyConflict":
    case "ExternalIdTaken":
      return false;
    default: {
      const rest: never = outcome; // TS2322
      return rest;
    }
  }
}

export function withAMemberThatIsNot(outcome: Outcome): boolean {
  return outcome.__typename === "CustomerGone"; // TS2367
}

export function withMetadataOfAnything(customer: NonNullable<FindCustomerQuery["customer"]>): number {
  return customer.metadata["seats"]; // TS2322
}

export function withADateThatIsText(customer: NonNullable<FindCustomerQuery["customer"]>): Date {
  return customer.createdAt; // TS2322
}

export const withoutAnExternalId: CreateCustomerInput = { name: "Acme" }; // TS2741

export const withANumberInMetadata: CreateCustomerInput["metadata"] = { seats: 5 }; // TS2322

export const byTwoIds: FindCustomerQueryVariables = { by: { id: "cust_1", externalId: "acme" } }; // TS2322
