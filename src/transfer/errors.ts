/** Why a transfer was rejected, as a sentence for a person. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}
