import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { MESSAGE, messageSchema } from './message.schema.js';

/** The collection of messages and the runs they carry. `messages` writes questions to it, `runs` all that becomes of them. */
@Module({
  imports: [MongooseModule.forFeature([{ name: MESSAGE, schema: messageSchema }])],
  exports: [MongooseModule],
})
export class RunRecordModule {}
