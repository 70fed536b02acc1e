import { mongo } from 'mongoose';
import { isTooLargeError, isTransientMongoError } from './errors.js';

const brokenPipe = (): Error => Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

/** Only its result is missing, which only the driver can create. */
const bulkError = (cause: Error): mongo.MongoBulkWriteError =>
  new mongo.MongoBulkWriteError(cause, {} as mongo.BulkWriteResult);

describe('isTransientMongoError', () => {
  it('is true for a broken connection, also under a bulk write', () => {
    expect(isTransientMongoError(brokenPipe())).toBe(true);
    expect(isTransientMongoError(new mongo.MongoNetworkError('closed'))).toBe(true);
    expect(isTransientMongoError(bulkError(brokenPipe()))).toBe(true);
    expect(isTransientMongoError(bulkError(new mongo.MongoNetworkError('closed')))).toBe(true);
  });

  it('is false for what the database rejected, and for our own faults', () => {
    const duplicate = new mongo.MongoServerError({ message: 'E11000 duplicate key', code: 11_000 });
    expect(isTransientMongoError(duplicate)).toBe(false);
    expect(isTransientMongoError(bulkError(duplicate))).toBe(false);
    expect(isTransientMongoError(new TypeError('undefined is not a function'))).toBe(false);
  });
});

describe('isTooLargeError', () => {
  it.each([
    ['a network error', new mongo.MongoNetworkError('closed')],
    ['a duplicate key', new mongo.MongoServerError({ message: 'E11000 duplicate key', code: 11_000 })],
    ['a range error of ours', new RangeError('Invalid array length')],
    ['another argument', new mongo.MongoInvalidArgumentError('Database name must be a string')],
    ['text', 'too large'],
  ])('is false for %s', (_what, error) => {
    expect(isTooLargeError(error)).toBe(false);
  });
});
