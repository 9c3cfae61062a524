using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace LibMona
{
    /// <summary>
    /// How the fields of a type are read: its public properties and fields in their order, by code that is compiled once.
    /// Names are kept as UTF-8 outside the collected heap for as long as the process lives, which types do as well.
    /// </summary>
    internal abstract class Shape
    {
        private static readonly ConcurrentDictionary<Type, Shape> Known = new ConcurrentDictionary<Type, Shape>();

        /// <summary>Adds the fields of an object of exactly this type.</summary>
        internal abstract void AddBoxed(FieldBuffer buffer, object value);

        internal abstract IEnumerable<KeyValuePair<object, object>> PairsOf(object value);

        internal static Shape Of(Type type)
        {
            Shape shape;
            if (Known.TryGetValue(type, out shape)) return shape;
            shape = (Shape)Activator.CreateInstance(typeof(Shape<>).MakeGenericType(type), true);
            return Known.GetOrAdd(type, shape);
        }

        internal static IEnumerable<KeyValuePair<object, object>> Pairs(object value)
        {
            return Of(value.GetType()).PairsOf(value);
        }

        internal static List<MemberInfo> Members(Type type)
        {
            List<MemberInfo> members = new List<MemberInfo>();
            foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                bool isRead = property.CanRead && property.GetGetMethod() != null;
                if (isRead && property.GetIndexParameters().Length == 0) members.Add(property);
            }
            members.AddRange(type.GetFields(BindingFlags.Public | BindingFlags.Instance));
            // One that hides an inherited one of its name stands for it.
            return members.FindAll(one => !members.Exists(
                other => other.Name == one.Name && other.DeclaringType.IsSubclassOf(one.DeclaringType)));
        }

        /// <summary>Whether what a member gives may be an object at all: pointers, references and types that live on the
        /// stack are none.</summary>
        internal static bool IsValue(MemberInfo part)
        {
            PropertyInfo property = part as PropertyInfo;
            Type type = property != null ? property.PropertyType : ((FieldInfo)part).FieldType;
            if (type.IsByRef || type.IsPointer) return false;
            foreach (object attribute in type.GetCustomAttributes(false))
                if (attribute.GetType().FullName == "System.Runtime.CompilerServices.IsByRefLikeAttribute") return false;
            return true;
        }

        /// <summary>The refusal of a member that is not one.</summary>
        internal static Unsayable NoValue(string name)
        {
            return new Unsayable(MonaStatus.Json,
                "field " + Values.Quoted(name) + ": a pointer, a reference or a type of the stack, " + Values.Expected);
        }
    }

    /// <summary>The shape of one type.</summary>
    internal sealed class Shape<T> : Shape
    {
        /// <summary>Adds the fields of a value to a buffer.</summary>
        internal static readonly Action<FieldBuffer, T> Add = Compile();
        private static readonly List<MemberInfo> Parts = Members(typeof(T));

        internal override void AddBoxed(FieldBuffer buffer, object value)
        {
            Add(buffer, (T)value);
        }

        internal override IEnumerable<KeyValuePair<object, object>> PairsOf(object value)
        {
            foreach (MemberInfo part in Parts) yield return new KeyValuePair<object, object>(part.Name, Read(part, value));
        }

        private static object Read(MemberInfo part, object value)
        {
            if (!IsValue(part)) throw NoValue(part.Name);
            PropertyInfo property = part as PropertyInfo;
            if (property == null) return ((FieldInfo)part).GetValue(value);
            try
            {
                return property.GetValue(value, null);
            }
            catch (TargetInvocationException thrown)
            {
                // What the program's getter threw, as from code that is compiled.
                ExceptionDispatchInfo.Capture(thrown.InnerException).Throw();
                throw;
            }
        }

        private static Action<FieldBuffer, T> Compile()
        {
            ParameterExpression buffer = Expression.Parameter(typeof(FieldBuffer));
            ParameterExpression value = Expression.Parameter(typeof(T));
            List<Expression> steps = new List<Expression> { Expression.Empty() };
            foreach (MemberInfo part in Members(typeof(T)))
            {
                byte[] name = Utf8.Strict.GetBytes(part.Name);
                IntPtr kept = Marshal.AllocHGlobal(name.Length);
                Marshal.Copy(name, 0, kept, name.Length);
                if (!IsValue(part))
                {
                    steps.Add(Expression.Throw(Expression.Call(((Func<string, Unsayable>)NoValue).Method, Expression.Constant(part.Name))));
                    continue;
                }
                Expression read = Expression.MakeMemberAccess(value, part);
                steps.Add(Step(buffer, Expression.Constant((long)kept), Expression.Constant(name.Length), read));
            }
            return Expression.Lambda<Action<FieldBuffer, T>>(Expression.Block(steps), buffer, value).Compile();
        }

        private static Expression Step(Expression buffer, Expression key, Expression length, Expression read)
        {
            switch (Values.SortOf(read.Type))
            {
                case ValueSort.Text:
                    if (read.Type != typeof(string)) return Boxed(buffer, key, length, read);
                    return Call(buffer, "AddText", key, length, read);
                case ValueSort.Bool: return Call(buffer, "AddBool", key, length, read);
                case ValueSort.Long: return Call(buffer, "AddLong", key, length, Expression.Convert(read, typeof(long)));
                case ValueSort.Ulong: return Call(buffer, "AddUlong", key, length, read);
                case ValueSort.Float: return Call(buffer, "AddFloat", key, length, read);
                case ValueSort.Double: return Call(buffer, "AddDouble", key, length, read);
                default: return Boxed(buffer, key, length, read);
            }
        }

        private static Expression Boxed(Expression buffer, Expression key, Expression length, Expression read)
        {
            return Call(buffer, "AddObject", key, length, Expression.Convert(read, typeof(object)));
        }

        private static Expression Call(Expression buffer, string method, params Expression[] arguments)
        {
            MethodInfo added = typeof(FieldBuffer).GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic);
            return Expression.Call(buffer, added, arguments);
        }
    }
}
