// What a compiler generates from this orders.proto; it is here so that the example needs none.
//
//   syntax = "proto3";
//   package orders.v1;
//   import "google/protobuf/empty.proto";
//   import "google/protobuf/struct.proto";
//   service Orders {
//     rpc List(google.protobuf.Empty) returns (google.protobuf.Struct);
//     rpc Add(google.protobuf.Empty) returns (google.protobuf.Struct);
//     rpc Drop(google.protobuf.Empty) returns (google.protobuf.Struct);
//   }

import { fileDesc, type GenService, serviceDesc } from '@bufbuild/protobuf/codegenv2'
import {
  type EmptySchema,
  file_google_protobuf_empty,
  file_google_protobuf_struct,
  type StructSchema,
} from '@bufbuild/protobuf/wkt'

interface Unary {
  readonly methodKind: 'unary'
  readonly input: typeof EmptySchema
  readonly output: typeof StructSchema
}

const file = fileDesc(
  'CgxvcmRlcnMucHJvdG8SCW9yZGVycy52MRobZ29vZ2xlL3Byb3RvYnVmL2VtcHR5LnByb3RvGhxnb29nbGUvcHJvdG9idWYvc3RydWN0LnByb3RvMrIBCgZPcmRlcnMSNwoETGlzdBIWLmdvb2dsZS5wcm90b2J1Zi5FbXB0eRoXLmdvb2dsZS5wcm90b2J1Zi5TdHJ1Y3QSNgoDQWRkEhYuZ29vZ2xlLnByb3RvYnVmLkVtcHR5GhcuZ29vZ2xlLnByb3RvYnVmLlN0cnVjdBI3CgREcm9wEhYuZ29vZ2xlLnByb3RvYnVmLkVtcHR5GhcuZ29vZ2xlLnByb3RvYnVmLlN0cnVjdGIGcHJvdG8z',
  [file_google_protobuf_empty, file_google_protobuf_struct],
)

export const Orders: GenService<{ list: Unary; add: Unary; drop: Unary }> = serviceDesc(file, 0)
