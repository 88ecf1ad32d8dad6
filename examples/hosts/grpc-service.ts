// What a compiler generates from this orders.proto; it is here so that the example needs none.
//
//   syntax = "proto3";
//   package orders.v1;
//   import "google/protobuf/empty.proto";
//   import "google/protobuf/struct.proto";
//   service Orders {
//     rpc List(google.protobuf.Empty) returns (google.protobuf.Struct);
//     rpc Watch(google.protobuf.Empty) returns (stream google.protobuf.Struct);
//     rpc Drop(google.protobuf.Empty) returns (google.protobuf.Struct);
//   }

import { create, fromBinary, fromJson, type JsonObject, toBinary, toJson } from '@bufbuild/protobuf'
import { type Empty, EmptySchema, StructSchema } from '@bufbuild/protobuf/wkt'
import type { MethodDefinition } from '@grpc/grpc-js'

/** A method that is called with nothing, and returns one object or a stream of them. */
const method = (name: string, responseStream: boolean): MethodDefinition<Empty, JsonObject> => ({
  path: `/orders.v1.Orders/${name}`,
  requestStream: false,
  responseStream,
  requestSerialize: () => Buffer.from(toBinary(EmptySchema, create(EmptySchema))),
  requestDeserialize: (bytes) => fromBinary(EmptySchema, bytes),
  responseSerialize: (value) => Buffer.from(toBinary(StructSchema, fromJson(StructSchema, value))),
  responseDeserialize: (bytes) => toJson(StructSchema, fromBinary(StructSchema, bytes)) as JsonObject,
})

export const Orders = { list: method('List', false), watch: method('Watch', true), drop: method('Drop', false) }
