// Express 4 under its alias. The parts that the tests use are the same in Express 5.
declare module 'express4' {
  import express = require('express')
  export = express
}
