import type { mongo } from 'mongoose';

/**
 * The update that replaces a person by an alias wherever entries name them, and removes what could lead to them:
 * addresses, tokens, requests, details.
 */
export function withoutPerson(userId: string, alias: string): mongo.Document[] {
  // A user id may look like a path or an operator.
  const person = { $literal: userId };
  const replaced = (field: string): mongo.Document => ({
    $cond: [{ $eq: [field, person] }, { $literal: alias }, field],
  });
  const acted = { $or: [{ $eq: ['$by.user', person] }, { $eq: ['$by.subject', person] }] };
  const hidden = (field: string): mongo.Document => ({ $cond: [acted, null, field] });
  return [
    {
      $set: {
        by: {
          user: replaced('$by.user'),
          subject: replaced('$by.subject'),
          token_id: hidden('$by.token_id'),
          address: hidden('$by.address'),
          request_id: hidden('$by.request_id'),
        },
        about_user: replaced('$about_user'),
        users: { $map: { input: '$users', in: replaced('$$this') } },
      },
    },
    { $unset: ['detail', 'counted_as'] },
    { $set: { detail: { $literal: {} } } },
  ];
}
