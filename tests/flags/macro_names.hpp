// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
//
// Names that windows.h, X11, Arduino, <complex.h>, <sys/sysmacros.h> and much common code define as
// macros. A header that uses one does not compile after this file.

// clang-format off
// windows.h
#define near 0 poisoned
#define far 0 poisoned
#define small 0 poisoned
#define hyper 0 poisoned
#define interface 0 poisoned
#define pascal 0 poisoned
#define cdecl 0 poisoned
#define huge 0 poisoned
#define IN 0 poisoned
#define OUT 0 poisoned
#define OPTIONAL 0 poisoned
#define ERROR 0 poisoned
#define NO_ERROR 0 poisoned
#define DELETE 0 poisoned
#define CONST 0 poisoned
#define VOID 0 poisoned
#define STRICT 0 poisoned
#define ABSOLUTE 0 poisoned
#define RELATIVE 0 poisoned
#define DIFFERENCE 0 poisoned
#define TRANSPARENT 0 poisoned
#define OPAQUE 0 poisoned
#define CALLBACK 0 poisoned
#define BOOL 0 poisoned
#define TRUE 0 poisoned
#define FALSE 0 poisoned
#define THIS 0 poisoned
#define EXCEPTION_MAXIMUM_PARAMETERS 0 poisoned
#define min(a, b) 0 poisoned
#define max(a, b) 0 poisoned
#define rad1 0 poisoned
#define grp1 0 poisoned
#define chx1 0 poisoned
#define unix 0 poisoned
#define linux 0 poisoned
// X11
#define None 0 poisoned
#define Bool 0 poisoned
#define Status 0 poisoned
#define Success 0 poisoned
#define True 0 poisoned
#define False 0 poisoned
#define Always 0 poisoned
#define Complex 0 poisoned
#define Convex 0 poisoned
#define Above 0 poisoned
#define Below 0 poisoned
#define Unsorted 0 poisoned
#define Absolute 0 poisoned
#define Expose 0 poisoned
#define CursorShape 0 poisoned
#define KeyPress 0 poisoned
// Arduino
#define PI 0 poisoned
#define HALF_PI 0 poisoned
#define TWO_PI 0 poisoned
#define EULER 0 poisoned
#define DEFAULT 0 poisoned
#define EXTERNAL 0 poisoned
#define INTERNAL 0 poisoned
#define HIGH 0 poisoned
#define LOW 0 poisoned
#define INPUT 0 poisoned
#define OUTPUT 0 poisoned
#define CHANGE 0 poisoned
#define RISING 0 poisoned
#define FALLING 0 poisoned
#define B0 0 poisoned
#define B1 0 poisoned
#define F(text) 0 poisoned
#define abs(x) 0 poisoned
#define round(x) 0 poisoned
#define constrain(x, low, high) 0 poisoned
#define radians(x) 0 poisoned
#define degrees(x) 0 poisoned
#define sq(x) 0 poisoned
#define bit(b) 0 poisoned
#define lowByte(w) 0 poisoned
#define highByte(w) 0 poisoned
#define interrupts() 0 poisoned
// <complex.h>, <ctype.h> of newlib, <sys/sysmacros.h>, common code
#define I 0 poisoned
#define _U 0 poisoned
#define _L 0 poisoned
#define _N 0 poisoned
#define _S 0 poisoned
#define _P 0 poisoned
#define _C 0 poisoned
#define _X 0 poisoned
#define _B 0 poisoned
#define major(device) 0 poisoned
#define minor(device) 0 poisoned
#define makedev(major_number, minor_number) 0 poisoned
#define square(x) 0 poisoned
#define cube(x) 0 poisoned
#define swap(a, b) 0 poisoned
#define clamp(x, low, high) 0 poisoned
#define sign(x) 0 poisoned
#define sgn(x) 0 poisoned
#define log(...) 0 poisoned
#define check(...) 0 poisoned
#define verify(...) 0 poisoned
#define require(...) 0 poisoned
#define likely(x) 0 poisoned
#define unlikely(x) 0 poisoned
#define fallthrough 0 poisoned
#define countof(x) 0 poisoned
#define OK 0 poisoned
#define ERR 0 poisoned
#define LOG 0 poisoned
#define CHECK(...) 0 poisoned
#define UNUSED 0 poisoned
#define VERSION 0 poisoned
#define DEBUG 0 poisoned
#define NDIM 0 poisoned
#define EPS 0 poisoned
// clang-format on
