import django.db.models.deletion
import reserve_portal.accounts.identity
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Municipality',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=150, verbose_name='Название')),
                ('oktmo', models.CharField(max_length=8, unique=True, verbose_name='ОКТМО')),
                ('is_active', models.BooleanField(default=True, verbose_name='Действует')),
            ],
            options={
                'verbose_name': 'Муниципальное образование',
                'verbose_name_plural': 'Муниципальные образования',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=250, verbose_name='Название')),
                ('short_name', models.CharField(blank=True, max_length=150, verbose_name='Краткое название')),
                ('ogrn', models.CharField(blank=True, max_length=13, validators=[reserve_portal.accounts.identity.check_ogrn], verbose_name='ОГРН')),
                ('inn', models.CharField(blank=True, max_length=10, validators=[reserve_portal.accounts.identity.check_inn], verbose_name='ИНН')),
                ('kind', models.CharField(choices=[('school', 'общеобразовательная организация'), ('preschool', 'дошкольная организация'), ('extra', 'организация дополнительного образования'), ('college', 'профессиональная образовательная организация'), ('authority', 'орган управления образованием')], default='school', max_length=12, verbose_name='Вид')),
                ('is_active', models.BooleanField(default=True, verbose_name='Действует')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='organisations', to='accounts.municipality', verbose_name='Муниципальное образование')),
            ],
            options={
                'verbose_name': 'Организация',
                'verbose_name_plural': 'Организации',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('municipality', 'name'), name='organisation_name_once_per_municipality', violation_error_message='В этом муниципальном образовании уже есть организация с таким названием.'), models.UniqueConstraint(condition=models.Q(('ogrn', ''), _negated=True), fields=('ogrn',), name='organisation_ogrn_once', violation_error_message='Организация с таким ОГРН уже есть.')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(error_messages={'unique': 'Этот адрес уже зарегистрирован.'}, max_length=254, unique=True, verbose_name='Адрес электронной почты')),
                ('last_name', models.CharField(max_length=100, verbose_name='Фамилия')),
                ('first_name', models.CharField(max_length=100, verbose_name='Имя')),
                ('patronymic', models.CharField(blank=True, max_length=100, verbose_name='Отчество')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='Телефон')),
                ('post', models.CharField(blank=True, max_length=250, verbose_name='Должность')),
                ('is_active', models.BooleanField(default=True, verbose_name='Учётная запись действует')),
                ('date_joined', models.DateTimeField(editable=False, verbose_name='Зарегистрирован')),
                ('search_key', models.CharField(db_index=True, default='', editable=False, max_length=400)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('municipality', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.municipality', verbose_name='Муниципальное образование')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation', verbose_name='Организация')),
            ],
            options={
                'verbose_name': 'Пользователь',
                'verbose_name_plural': 'Пользователи',
                'ordering': ['last_name', 'first_name', 'pk'],
            },
        ),
    ]
