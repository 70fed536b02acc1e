import { Schema } from 'mongoose';

/** Since when a tenant counts the runs of a door. */
export interface DoorMarkDocument {
  tenant_id: string;
  door: string;
  since: Date;
}

/** DI and Mongoose name of the collection. */
export const DOOR_MARK = 'DoorMark';

export const doorMarkSchema = new Schema<DoorMarkDocument>(
  {
    tenant_id: { type: String, required: true },
    door: { type: String, required: true },
    since: { type: Date, required: true },
  },
  { collection: 'door_marks', versionKey: false },
);

doorMarkSchema.index({ tenant_id: 1, door: 1 }, { unique: true });
