mod lint;
mod reading;
